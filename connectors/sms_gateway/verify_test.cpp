#include "connectors/sms_gateway/verify.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "format/digest.hpp"
#include "format/encode.hpp"

namespace kanal::sms_gateway {
namespace {

Time at_second(std::int64_t second) {
  return Time(std::chrono::seconds(second));
}

Delivery form(std::string body) {
  Delivery delivery;
  delivery.method = "POST";
  delivery.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  delivery.body = std::move(body);
  return delivery;
}

Trust trust_in(Scheme scheme, std::string secret, std::string public_url = {}) {
  Trust trust;
  trust.scheme = scheme;
  trust.secrets = {std::move(secret)};
  trust.public_url = std::move(public_url);
  return trust;
}

// twilio.com/docs/usage/security, and the examples of its libraries.
TEST_CASE("Twilio's own example is taken, and nothing changed in it") {
  const auto trust = trust_in(Scheme::twilio, "12345", "https://mycompany.com/myapp.php");
  auto delivery = form(
      "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
      "&To=%2B18005551212");
  delivery.query = "foo=1&bar=2";
  delivery.headers.emplace_back("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  CHECK(verify(delivery, trust, {}));
  auto other = delivery;
  other.body += "1";
  CHECK_FALSE(verify(other, trust, {}));
  other = delivery;
  other.query = "foo=1&bar=3";
  CHECK_FALSE(verify(other, trust, {}));
  CHECK_FALSE(verify(delivery, trust_in(Scheme::twilio, "12346", trust.public_url), {}));
  other = delivery;
  other.headers.pop_back();
  CHECK_FALSE(verify(other, trust, {}));
  auto changing = trust_in(Scheme::twilio, "new", trust.public_url);
  changing.secrets.emplace_back("12345");
  CHECK(verify(delivery, changing, {}));
}

TEST_CASE("a form of more fields than any message has is refused before it is signed for") {
  std::string body = "a=1";
  for (int i = 0; i < 1000; ++i) body += "&a=1";
  for (const auto scheme : {Scheme::twilio, Scheme::vonage}) {
    const auto refused = verify(form(body), trust_in(scheme, "12345", "https://lapor.test"), {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "the form has too many fields");
  }
}

TEST_CASE("a JSON body of Twilio is covered by its digest in the address") {
  const auto trust = trust_in(Scheme::twilio, "12345", "https://lapor.test/in/sms");
  Delivery delivery;
  delivery.method = "POST";
  delivery.body = R"({"a":1})";
  delivery.query = "bodySHA256=" + to_hex(digest(Hash::sha256, delivery.body));
  const auto url = trust.public_url + "?" + delivery.query;
  delivery.headers = {{"content-type", "application/json"},
                      {"x-twilio-signature", to_base64(hmac(Hash::sha1, "12345", url))}};
  CHECK(verify(delivery, trust, {}));
  delivery.body = R"({"a":2})";
  CHECK_FALSE(verify(delivery, trust, {}));
}

// The vector of Vonage's server libraries.
TEST_CASE("Vonage's own example is taken within the clock's skew and not after it") {
  auto trust = trust_in(Scheme::vonage, "secret");
  trust.method = VonageMethod::md5hash;
  Delivery delivery;
  delivery.method = "GET";
  delivery.query = "a=1&b=2&timestamp=1461605396&sig=6af838ef94998832dbfc29020b564830";
  CHECK(verify(delivery, trust, at_second(1461605396)));
  CHECK(verify(delivery, trust, at_second(1461605396 + 300)));
  CHECK_FALSE(verify(delivery, trust, at_second(1461605396 + 301)));
  CHECK_FALSE(verify(delivery, trust, at_second(1461605396 - 301)));
  delivery.query = "a=1&b=3&timestamp=1461605396&sig=6af838ef94998832dbfc29020b564830";
  CHECK_FALSE(verify(delivery, trust, at_second(1461605396)));
}

TEST_CASE("Vonage's signatures by HMAC are taken in either case, and marks in values replaced") {
  constexpr std::int64_t k_signed = 1461605396;
  for (const auto& [method, hash] :
       {std::pair{VonageMethod::md5, Hash::md5}, std::pair{VonageMethod::sha1, Hash::sha1},
        std::pair{VonageMethod::sha256, Hash::sha256},
        std::pair{VonageMethod::sha512, Hash::sha512}}) {
    auto trust = trust_in(Scheme::vonage, "secret");
    trust.method = method;
    auto sig = to_hex(hmac(hash, "secret", "&msisdn=62812&text=a_b_c&timestamp=1461605396"));
    for (auto& c : sig) c = static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
    const auto delivery = form("msisdn=62812&text=a%26b%3Dc&timestamp=1461605396&sig=" + sig);
    CHECK(verify(delivery, trust, at_second(k_signed)));
    trust.method = method == VonageMethod::md5 ? VonageMethod::sha1 : VonageMethod::md5;
    CHECK_FALSE(verify(delivery, trust, at_second(k_signed)));
  }
}

constexpr std::int64_t k_issued_at = 1772427600;

// developer.vonage.com, "Signed webhooks": the sample's claims, signed by another program.
TEST_CASE("a token of Vonage's Messages API covers the body, for its time, and in no other form") {
  auto trust = trust_in(Scheme::vonage_jwt, "a signature secret of the account");
  Delivery delivery;
  delivery.method = "POST";
  delivery.body = R"({"channel":"sms","message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-012345678)"
                  R"(9ab","to":"1708","from":"628123456789","timestamp":"2026-03-02T0)"
                  R"(5:00:00Z","message_type":"text","text":"Lampu jalan mati"})";
  const std::string token =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NzI0Mjc2MDAsImp0aSI6ImM1YmE4ZjI0LTF"
      "hMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6ImY1Yjk"
      "2MTYyYjNlNWY1ZTZjMzQxYmIxMzcwNWRkNDU5NDU1MjlhNjA2ODNjNTk0MWFmNmMwOTE4YTUzZTQ1YzEiLCJ"
      "hcGlfa2V5IjoiYTFiMmMzZCIsImFwcGxpY2F0aW9uX2lkIjoiYWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtMDE"
      "yMzQ1Njc4OWFiIn0.33bECLT7NF72YEeXfifH5bC7LWjW53kEWFRJfi6f0ew";
  delivery.headers = {{"content-type", "application/json"}, {"authorization", "Bearer " + token}};
  const auto takes = [&](const std::string& bearer, std::int64_t second = k_issued_at) {
    auto other = delivery;
    other.headers[1].second = bearer;
    return verify(other, trust, at_second(second)).has_value();
  };
  CHECK(takes("Bearer " + token));
  CHECK(takes("bearer " + token, k_issued_at + 300));
  CHECK_FALSE(takes("Bearer " + token, k_issued_at + 301));
  CHECK_FALSE(takes("Bearer " + token, k_issued_at - 301));
  CHECK_FALSE(takes(""));
  CHECK_FALSE(takes("Bearer "));
  CHECK_FALSE(takes("Bearer " + token + "A"));
  CHECK_FALSE(takes("Bearer " + token.substr(0, token.rfind('.'))));
  CHECK_FALSE(takes("Bearer " + token.substr(0, token.rfind('.') + 1)));
  const auto claims = token.substr(token.find('.'), token.rfind('.') - token.find('.') + 1);
  const auto unsigned_head = to_base64(R"({"alg":"none"})");
  CHECK_FALSE(takes("Bearer " + unsigned_head + claims));
  // Signed with the secret, by another method than it says.
  const auto other_method = unsigned_head + claims.substr(0, claims.size() - 1);
  auto seal = to_base64(hmac(Hash::sha256, trust.secrets[0], other_method));
  std::ranges::replace(seal, '+', '-');
  std::ranges::replace(seal, '/', '_');
  while (seal.ends_with('=')) seal.pop_back();
  CHECK_FALSE(takes("Bearer " + other_method + "." + seal));
  auto changed = delivery;
  changed.body.back() = ' ';
  CHECK_FALSE(verify(changed, trust, at_second(k_issued_at)));
  trust.secrets = {"the next secret"};
  CHECK_FALSE(takes("Bearer " + token));
  trust.secrets.emplace_back("a signature secret of the account");
  CHECK(takes("Bearer " + token));
}

// The examples of MessageBird's libraries.
TEST_CASE("MessageBird's first example is taken while it is fresh") {
  const auto trust =
      trust_in(Scheme::bird, "PlLrKaqvZNRR5zAjm42ZT6q1SQxgbbGd", "https://lapor.test/in/sms");
  Delivery delivery;
  delivery.method = "GET";
  delivery.query =
      "recipient=31612345678&reference=FOO&statusDatetime=2019-01-11T09%3A17%3A11%2B00%3A00"
      "&id=eef0ab57a9e049be946f3821568c2b2e&status=delivered&mccmnc=20408&ported=1";
  delivery.headers = {{"messagebird-signature", "KVBdcVdz2lYMwcBLZCRITgxUfA/WkwSi+T3Wxl2HL6w="},
                      {"messagebird-request-timestamp", "1547198231"}};
  CHECK(verify(delivery, trust, at_second(1547198231 + 60)));
  CHECK_FALSE(verify(delivery, trust, at_second(1547198231 + 3600)));
  delivery.query += "0";
  CHECK_FALSE(verify(delivery, trust, at_second(1547198231 + 60)));
}

TEST_CASE("MessageBird's token covers address and body, and only for its time") {
  const auto trust =
      trust_in(Scheme::bird, "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb",
               "https://example.com/path");
  Delivery delivery;
  delivery.method = "POST";
  delivery.query = "bar=1&foo=2";
  delivery.body = "Hello, World!";
  delivery.headers = {
      {"messagebird-signature-jwt",
       "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
       "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NT"
       "AwNi1hMGU4LTQ1MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2"
       "ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2giOiJkZmZkNjAyMW"
       "JiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgxYzdmNzBhNGIyODY4OGEzNjIxODI5ODZmIn0."
       "_H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I"}};
  const auto now = at_second(1625479230);
  CHECK(verify(delivery, trust, now));
  CHECK_FALSE(verify(delivery, trust, at_second(1625479260 + 301)));
  CHECK_FALSE(verify(delivery, trust, at_second(1625479200 - 301)));
  auto other = delivery;
  other.body = "Hello, World?";
  CHECK_FALSE(verify(other, trust, now));
  other = delivery;
  other.query = "bar=9&foo=2";
  CHECK_FALSE(verify(other, trust, now));
  other = delivery;
  // "alg":"none" and no signature.
  other.headers[0].second =
      "eyJhbGciOiJub25lIn0." +
      delivery.headers[0].second.substr(37, delivery.headers[0].second.rfind('.') - 37) + ".";
  CHECK_FALSE(verify(other, trust, now));
}

// standardwebhooks.com, the vector of its libraries.
TEST_CASE("the example of Standard Webhooks is taken, among several signatures too") {
  const auto trust = trust_in(Scheme::standard, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  constexpr std::int64_t k_at = 1614265330;
  Delivery delivery;
  delivery.method = "POST";
  delivery.body = R"({"test": 2432232314})";
  delivery.headers = {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                      {"webhook-timestamp", "1614265330"},
                      {"webhook-signature",
                       "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= "
                       "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  CHECK(verify(delivery, trust, at_second(k_at)));
  CHECK_FALSE(verify(delivery, trust, at_second(k_at + 301)));
  CHECK_FALSE(verify(delivery, trust, at_second(k_at - 301)));
  for (const auto* changed : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    auto other = delivery;
    for (auto& [name, value] : other.headers) {
      if (name == changed) value += "0";
    }
    CHECK_FALSE(verify(other, trust, at_second(k_at)));
  }
  delivery.body += " ";
  CHECK_FALSE(verify(delivery, trust, at_second(k_at)));
}

TEST_CASE("a secret in the address is compared whole") {
  const auto trust = trust_in(Scheme::path, "rahasia");
  Delivery delivery;
  delivery.path = "rahasia";
  CHECK(verify(delivery, trust, {}));
  delivery.path = "rahasia/dlr";
  CHECK(verify(delivery, trust, {}));
  for (const auto* wrong : {"", "rahasi", "rahasia2", "/rahasia", "dlr/rahasia"}) {
    delivery.path = wrong;
    const auto refused = verify(delivery, trust, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("rahasia") == std::string::npos);
  }
}

}  // namespace
}  // namespace kanal::sms_gateway
