#include "connectors/sms_gateway/translate.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "core/names.hpp"
#include "core/rfc3339.hpp"

namespace kanal::sms_gateway {
namespace {

using namespace std::string_literals;

constexpr Time k_morning{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                         std::chrono::hours(3)};

const Keys& keys() {
  static const auto made = Keys::of_seed("gateway");
  return made;
}

Delivery posted(std::string type, std::string body, std::string query = {}) {
  Delivery delivery;
  delivery.method = "POST";
  delivery.query = std::move(query);
  delivery.headers = {{"content-type", std::move(type)}};
  delivery.body = std::move(body);
  return delivery;
}

Received read(const Delivery& delivery, Provider provider = Provider::path) {
  return translate(delivery, {provider, "ID"}, keys(), k_morning);
}

Post one_post(const Received& received) {
  REQUIRE(received.posts.size() == 1);
  CHECK(received.signals.empty());
  CHECK(received.unreadable.empty());
  return received.posts.front();
}

Signal one_signal(const Received& received) {
  REQUIRE(received.signals.size() == 1);
  CHECK(received.posts.empty());
  return received.signals.front();
}

// Kannel User Guide, "post-url": the text is the body, in the charset that the header names.
TEST_CASE("Kannel's body is read in its charset") {
  const auto query = "from=%2B628123456789&to=1708&id=a1&smsc=X&ts=1772420000"s;
  auto post =
      one_post(read(posted("text/plain; charset=\"UTF-8\"", "Lampu mati", query + "&coding=0"),
                    Provider::kannel));
  CHECK(post.text == "Lampu mati");
  CHECK(post.id.value() == "a1");
  CHECK(post.author.id.value() == "+628123456789");
  CHECK(post.author.phone == "+628123456789");
  CHECK(post.hints.entrance == "1708");
  CHECK(post.posted_at == Time(std::chrono::seconds(1772420000)));
  const auto wide = "\0J\0a\0l\0a\0n\x27\x64"s;
  CHECK(one_post(read(posted("text/plain; charset=\"UTF-16BE\"", wide, query), Provider::kannel))
            .text == "Jalan❤");
  CHECK(one_post(
            read(posted("application/octet-stream", wide, query + "&coding=2"), Provider::kannel))
            .text == "Jalan❤");
  CHECK(one_post(read(posted("text/plain; charset=ISO-8859-1", "caf\xE9", query), Provider::kannel))
            .text == "café");
}

TEST_CASE("Kannel's report of delivery names our reply, and on the way says nothing") {
  Delivery delivery;
  delivery.method = "GET";
  delivery.path = "rahasia/dlr";
  delivery.query = "status=1&key=12.3.sms";
  auto signal = one_signal(read(delivery, Provider::kannel));
  CHECK(signal.kind == Signal::Kind::delivered);
  CHECK(signal.reply_key == "12.3.sms");
  delivery.query = "status=16&key=12.3.sms";
  CHECK(one_signal(read(delivery, Provider::kannel)).kind == Signal::Kind::failed);
  delivery.query = "status=8&key=12.3.sms";
  const auto taken = read(delivery, Provider::kannel);
  CHECK(taken.signals.empty());
  CHECK(taken.posts.empty());
}

TEST_CASE("pictures that Twilio keeps are named, and a message of nothing else is one") {
  const auto message = [](const std::string& text) {
    return one_post(read(
        posted("application/x-www-form-urlencoded",
               "MessageSid=MM1&From=%2B6281234567890&To=%2B1708&SmsStatus=received&Body=" + text +
                   "&NumMedia=2&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fa&MediaUrl1=file%3A"),
        Provider::twilio));
  };
  CHECK(message("").text == "Berkas: https://api.twilio.com/a");
  CHECK(message("BELUM").text == "BELUM");
  CHECK(message("BELUM").full_text == "BELUM\nBerkas: https://api.twilio.com/a");
}

TEST_CASE("Twilio's form is a post or a report of delivery, and it hears TwiML") {
  const auto form = "application/x-www-form-urlencoded"s;
  const auto received =
      read(posted(form,
                  "MessageSid=SM1&From=%2B6281234567890&To=%2B62213000&Body=Jalan+rusak"
                  "&SmsStatus=received&NumMedia=0"),
           Provider::twilio);
  const auto post = one_post(received);
  CHECK(post.id.value() == "SM1");
  CHECK(post.text == "Jalan rusak");
  CHECK(post.author.id.value() == "+6281234567890");
  CHECK(received.answer.body == "<Response/>");
  auto signal = one_signal(read(
      posted(form, "MessageSid=SM2&MessageStatus=undelivered&ErrorCode=30003"), Provider::twilio));
  CHECK(signal.kind == Signal::Kind::failed);
  CHECK(signal.subject.value() == "SM2");
  CHECK(signal.detail == "the message could not be delivered (undelivered 30003)");
}

TEST_CASE("a message with sender and text is one, whatever a gateway says of its status") {
  for (const auto* status : {"received", "delivered", "2", "MO"}) {
    INFO(status);
    const auto said = R"(,"status":")"s + status + "\"}";
    const auto post = one_post(read(
        posted("application/json", R"({"id":"1","from":"628111","text":"Jalan rusak")" + said)));
    CHECK(post.text == "Jalan rusak");
    const auto received = read(posted("application/json", R"({"id":"1","from":"628111")" + said));
    CHECK(received.posts.empty());
    CHECK(received.unreadable.size() + received.signals.size() == 1);
  }
}

TEST_CASE("a report of delivery may hold the text that it is about") {
  const auto body = R"({"id":"1","from":"1708","to":"628111","text":"Laporan diterima",)"
                    R"("status":"delivered","key":"12.3.sms"})";
  CHECK(one_signal(read(posted("application/json", body))).reply_key == "12.3.sms");
  auto delivery =
      posted("application/json", R"({"id":"1","from":"1708","text":"x","status":"sent"})");
  delivery.path = "rahasia/dlr";
  const auto under_way = read(delivery);
  CHECK(under_way.posts.empty());
  CHECK(under_way.unreadable.empty());
  // What others call a reference is none of our keys.
  CHECK(one_post(read(posted("application/json",
                             R"({"id":"1","from":"628111","text":"x","reference":"abc"})")))
            .text == "x");
}

TEST_CASE("only what was signed is read") {
  const Origin flat{Provider::vonage, "ID", Origin::Signed::parameters};
  const auto forged =
      posted("application/json",
             R"({"msisdn":"6281234567890","to":"1708","messageId":"m1","text":"asli","results":)"
             R"([{"from":"628222","text":"palsu"}],"message":{"content":{"text":"palsu"}}})");
  const auto post = one_post(translate(forged, flat, keys(), k_morning));
  CHECK(post.text == "asli");
  CHECK(post.author.id.value() == "+6281234567890");
  const Origin body{Provider::standard, "ID", Origin::Signed::body};
  const auto beside = posted("application/json", R"({"id":"1","from":"628111","text":"asli"})",
                             "from=628222&text=palsu");
  CHECK(one_post(translate(beside, body, keys(), k_morning)).text == "asli");
}

TEST_CASE("a part that comes again after midnight is the same, and parts join across it") {
  const auto part = [](int number, const std::string& at, Time now) {
    return translate(posted("application/x-www-form-urlencoded",
                            "msisdn=6281234567890&to=1708&messageId=m" + std::to_string(number) +
                                "&text=bagian&concat=true&concat-ref=7&concat-total=2"
                                "&concat-part=" +
                                std::to_string(number) + "&message-timestamp=" + at),
                     {Provider::vonage, "ID", Origin::Signed::parameters}, keys(), now)
        .posts.at(0);
  };
  const auto midnight = Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 2});
  const auto first = part(1, "2026-03-01+23:59:58", midnight - std::chrono::seconds(1));
  CHECK(first.posted_at == midnight - std::chrono::seconds(2));
  CHECK(part(1, "2026-03-01+23:59:58", midnight + std::chrono::hours(3)).id == first.id);
  const auto second = part(2, "2026-03-02+00:00:01", midnight + std::chrono::seconds(2));
  const auto names = [](const Post& one, const Post& other) {
    return std::ranges::count(one.hints.references, other.id) == 1;
  };
  CHECK(names(second, first));
  CHECK(names(first, second));
}

TEST_CASE("Vonage's parts name each other, whichever comes first") {
  const auto part = [](int number) {
    return one_post(
        translate(posted("application/x-www-form-urlencoded",
                         "msisdn=6281234567890&to=1708&messageId=m" + std::to_string(number) +
                             "&text=bagian&concat=true&concat-ref=7&concat-total=2"
                             "&concat-part=" +
                             std::to_string(number)),
                  {Provider::vonage, "ID"}, keys(), k_morning + std::chrono::minutes(30)));
  };
  const auto first = part(1);
  const auto second = part(2);
  REQUIRE(second.hints.references.size() == 1);
  CHECK(second.hints.references.front() == first.id);
  REQUIRE(first.hints.references.size() == 1);
  CHECK(first.hints.references.front() == second.id);
  // Commands and offices' names stand at the beginning of what a person wrote.
  CHECK(first.hints.opens);
  CHECK_FALSE(second.hints.opens);
  CHECK(first.text == "bagian");
  CHECK(second.text == "bagian (2/2)");
}

TEST_CASE("a number whose gateway leaves its sign away is nobody's in Indonesia") {
  const auto read_from = [](Provider provider, const std::string& from) {
    const auto post = one_post(read(
        posted("application/x-www-form-urlencoded", "msisdn=" + from + "&messageId=1&text=Halo"),
        provider));
    return std::pair(post.author.id.value(), post.author.phone);
  };
  for (const auto provider : {Provider::vonage, Provider::messagebird}) {
    for (const auto* number : {"85255660613", "819018665339", "821021563321", "6587097193",
                               "33613107144", "6281234567890"}) {
      INFO(name_in(k_providers, provider) << ' ' << number);
      const auto signed_number = "+" + std::string(number);
      CHECK(read_from(provider, number) == std::pair(signed_number, signed_number));
      CHECK(read_from(provider, "%2B" + std::string(number)).first == signed_number);
    }
    CHECK(read_from(provider, "081234567890").first == "+6281234567890");
    CHECK(read_from(provider, "3636") == std::pair<std::string, std::string>("3636", ""));
    CHECK(read_from(provider, "TELKOMSEL") == std::pair<std::string, std::string>("TELKOMSEL", ""));
  }
  CHECK(read_from(Provider::path, "85255660613").first == "+6285255660613");
  const auto infobip = one_post(read(posted(
      "application/json", R"({"results":[{"messageId":"1","from":"85255660613","text":"Halo",)"
                          R"("cleanText":""}]})")));
  CHECK(infobip.author.id.value() == "+85255660613");
}

TEST_CASE("a message without an id is told from the same words of another hour") {
  const auto at = [](Time now, const std::string& query = {}, std::string id = {}) {
    auto delivery =
        posted("application/json", R"({"from":"081234567890","text":"Lampu mati"})", query);
    if (!id.empty()) delivery.headers.emplace_back("webhook-id", std::move(id));
    const Origin origin{Provider::standard, "ID", Origin::Signed::body};
    const auto post = translate(delivery, origin, keys(), now).posts.at(0);
    // Read again from what is kept of it, it is the same.
    const auto kept = parse_payload(post.payload).value();
    CHECK(translate(kept.delivery, origin, keys(), kept.at).posts.at(0).id == post.id);
    return post.id;
  };
  CHECK(at(k_morning) == at(k_morning + std::chrono::minutes(5)));
  CHECK(at(k_morning) != at(k_morning + std::chrono::hours(1)));
  // Nobody signed the query.
  CHECK(at(k_morning) == at(k_morning, "x=1"));
  CHECK(at(k_morning, {}, "msg_1") == at(k_morning + std::chrono::hours(9), {}, "msg_1"));
  CHECK(at(k_morning, {}, "msg_1") != at(k_morning, {}, "msg_2"));
}

TEST_CASE("a part that is numbered in no numbers is a message of its own") {
  for (const auto* total : {"2,%00%00", "two", "1", "256"}) {
    INFO(total);
    const auto post = one_post(read(posted("application/x-www-form-urlencoded",
                                           "msisdn=6281234567890&text=bagian&concat-ref=7"
                                           "&concat-part=1&concat-total="s +
                                               total),
                                    Provider::vonage));
    CHECK(post.text == "bagian");
    CHECK(post.hints.references.empty());
  }
}

TEST_CASE("Infobip's list becomes a post each, and the JSON of others is read by its names") {
  const auto received =
      read(posted("application/json",
                  R"({"results":[{"messageId":"1","from":"628111","to":"1708","text":"BNPB tolong",
          "cleanText":"tolong","receivedAt":"2026-03-02T02:00:00Z"},
         {"messageId":"2","from":"081234567890","to":"1708","text":"dua"}],"messageCount":2})"));
  REQUIRE(received.posts.size() == 2);
  CHECK(received.posts[0].text == "BNPB tolong");
  CHECK(received.posts[0].posted_at == k_morning - std::chrono::hours(1));
  CHECK(received.posts[1].author.id.value() == "+6281234567890");
  const auto messages_api =
      one_post(read(posted("application/json",
                           R"({"message_uuid":"u1","from":"6281234567890","to":"1708","text":"Halo",
                 "timestamp":"2026-03-02T02:30:00Z","channel":"sms"})"),
                    Provider::vonage));
  CHECK(messages_api.id.value() == "u1");
  CHECK(messages_api.text == "Halo");
}

TEST_CASE("of more messages than a request may bring the rest waits to be read, and none is lost") {
  std::string list;
  for (int i = 0; i < 1'203; ++i) {
    list += (list.empty() ? "" : ",") + R"({"sender":"62811","from":{"number":"+628123456789"},)"s +
            R"("text":"pesan )" + std::to_string(i) + "\"}";
  }
  auto delivery = posted("application/json", R"({"results":[)" + list + "]}");
  delivery.headers.emplace_back("webhook-id", "w1");
  const auto provider = GENERATE(Provider::path, Provider::standard);
  std::set<std::string> texts;
  std::set<std::string> ids;
  const auto take = [&](const Received& received) {
    for (const auto& post : received.posts) {
      texts.insert(post.text);
      ids.insert(post.id.value());
      CHECK(post.author.phone == "+628123456789");
    }
  };
  const auto received = read(delivery, provider);
  take(received);
  CHECK(texts.size() == 500);
  REQUIRE(received.unreadable.size() == 2);
  for (const auto& rest : received.unreadable) {
    const auto kept = parse_payload(rest.payload);
    REQUIRE(kept);
    const auto again = read(kept->delivery, provider);
    CHECK(again.unreadable.empty());
    take(again);
  }
  CHECK(texts.size() == 1'203);
  CHECK(ids.size() == 1'203);
}

TEST_CASE("names and short codes are left as they are, and marked so that nobody answers") {
  for (const auto* from : {"TELKOMSEL", "3636"}) {
    const auto post = one_post(read(posted(
        "application/json", R"({"id":"1","to":"1708","text":"promo","from":")"s + from + "\"}")));
    CHECK(post.author.id.value() == from);
    CHECK(post.author.phone.empty());
    CHECK_FALSE(post.hints.automatic.empty());
  }
}

TEST_CASE("what cannot be read is kept for a person, and the same request is kept once") {
  for (const auto* body : {"{", R"({"text":"siapa?"})", "[[[", "[1]"}) {
    INFO(body);
    const auto received = read(posted("application/json", body));
    CHECK(received.posts.empty());
    REQUIRE(received.unreadable.size() == 1);
    const auto again = read(posted("application/json", body));
    CHECK(again.unreadable[0].id == received.unreadable[0].id);
  }
}

TEST_CASE("what is kept of a request is read again as it was") {
  const auto delivery = posted("text/plain; charset=\"UTF-8\"", "Lampu\n\nmati",
                               "from=%2B628123456789&to=1708&id=a1&ts=1772420000");
  const auto kept = parse_payload(print_payload(delivery, k_morning));
  REQUIRE(kept);
  CHECK(kept->at == k_morning);
  CHECK(kept->delivery.method == delivery.method);
  CHECK(kept->delivery.query == delivery.query);
  CHECK(kept->delivery.body == delivery.body);
  CHECK(kept->delivery.headers == delivery.headers);
}

}  // namespace
}  // namespace kanal::sms_gateway
