#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/twitter/tweet.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "net/http_client.hpp"

namespace kanal::twitter {

/// X without a network, as small as the connector's tests need it: posts and messages are JSON that
/// the test writes, newest last; what is sent is kept.
class MemoryX final : public Http {
 public:
  struct Call {
    std::string method;
    std::string path;
    std::map<std::string, std::string> parameters;
    std::string body;
    std::map<std::string, std::string> headers;
  };

  std::string account = "1000";
  std::string handle = "kanal";
  std::vector<std::pair<std::uint64_t, std::string>> mentions;  ///< number and JSON, ascending
  std::vector<std::pair<std::uint64_t, std::string>> found;
  std::vector<std::pair<std::uint64_t, std::string>> messages;
  std::map<std::string, std::string> posts;  ///< by number, for look-ups
  std::string includes;                      ///< members of "includes" in every answer
  std::vector<std::string> sent_posts;       ///< bodies
  std::vector<std::string> sent_messages;
  std::vector<std::string> pictures;  ///< what was uploaded and finished, by the order of its id
  std::vector<Call> calls;
  std::size_t page_size = 100;
  /// "tweets" or "posts": fields that are asked for by other names are not given. Empty: both.
  std::string speaks;
  std::uint64_t next_number = 1'900'000'000'000'000'000;
  std::uint64_t refreshes = 0;
  /// May answer in X's place; nothing: go on.
  std::function<std::optional<Result<HttpReply>>(const Call&)> before;
  /// May answer after X has done what it was told.
  std::function<std::optional<Result<HttpReply>>(const Call&)> after;

  static HttpReply reply(int status, std::string body) {
    HttpReply made;
    made.status = status;
    made.body = std::move(body);
    return made;
  }

  Result<HttpReply> fetch(const HttpCall& request) override {
    const auto call = read(request);
    calls.push_back(call);
    if (before) {
      if (auto answer = before(call)) return *answer;
    }
    auto answer = serve(call);
    if (after) {
      if (auto other = after(call)) return *other;
    }
    return answer;
  }

  [[nodiscard]] std::size_t count(std::string_view path) const {
    return static_cast<std::size_t>(std::ranges::count(calls, path, &Call::path));
  }

 private:
  using Items = std::vector<std::pair<std::uint64_t, std::string>>;

  static Call read(const HttpCall& request) {
    Call call;
    call.method = request.method;
    call.body = request.body;
    auto rest = std::string_view(request.url);
    rest.remove_prefix(std::min(rest.find('/', rest.find("://") + 3), rest.size()));
    const auto mark = rest.find('?');
    call.path = rest.substr(0, mark);
    if (mark != std::string_view::npos) {
      for (auto& [name, value] : parse_form(rest.substr(mark + 1)).value_or(FormFields()))
        call.parameters[name] = value;
    }
    for (const auto& [name, value] : request.headers) call.headers[to_lower_ascii(name)] = value;
    return call;
  }

  /// Its time unless the test has written one, if that was asked for.
  [[nodiscard]] std::string as_asked(const std::string& post, const Call& call) const {
    const bool by_tweets = speaks != "posts" && call.parameters.contains("tweet.fields");
    const bool by_posts = speaks != "tweets" && call.parameters.contains("post.fields");
    const auto json = Json::parse(post).value();
    const auto id = parse_tweet_id(json.text("id"));
    if ((by_tweets || by_posts) && id && json.find("created_at") == nullptr) {
      return "{\"created_at\":\"" + print_rfc3339(time_of(*id)) + "\"," + post.substr(1);
    }
    if (by_tweets || by_posts || speaks.empty()) return post;
    JsonWriter out;
    out.begin_object().member("id", json.text("id")).member("text", json.text("text"));
    return out.member("author_id", json.text("author_id")).end_object().take();
  }

  HttpReply list(const Items& items, const Call& call) const {
    const auto number = [&](const char* name) -> std::uint64_t {
      const auto value = call.parameters.find(name);
      return value == call.parameters.end() ? 0 : std::stoull(value->second);
    };
    const auto above = number("since_id");
    const auto below = number("pagination_token");
    const auto most = std::min<std::size_t>(page_size, number("max_results"));
    std::string data;
    std::string last;
    std::size_t count = 0;
    bool more = false;
    for (auto each = items.rbegin(); each != items.rend(); ++each) {
      if (each->first <= above || (below != 0 && each->first >= below)) continue;
      if (count == most) {
        more = true;
        break;
      }
      data += (data.empty() ? "" : ",") + as_asked(each->second, call);
      last = std::to_string(each->first);
      ++count;
    }
    auto body = std::string("{");
    if (count > 0) body += "\"data\":[" + data + "],";
    if (!includes.empty()) body += "\"includes\":{" + includes + "},";
    body += "\"meta\":{\"result_count\":" + std::to_string(count);
    if (more) body += ",\"next_token\":\"" + last + "\"";
    return reply(200, body + "}}");
  }

  HttpReply look_up(const Call& call) const {
    std::string data;
    std::string errors;
    for (const auto id : split(call.parameters.at("ids"), ',')) {
      const auto post = posts.find(std::string(id));
      if (post != posts.end()) {
        data += (data.empty() ? "" : ",") + as_asked(post->second, call);
      } else {
        errors += std::string(errors.empty() ? "" : ",") + R"({"resource_id":")" + std::string(id) +
                  R"(","type":"https://api.x.com/2/problems/resource-not-found"})";
      }
    }
    auto body = "{\"data\":[" + data + "],\"errors\":[" + errors + "]";
    if (!includes.empty()) body += ",\"includes\":{" + includes + "}";
    return reply(200, body + "}");
  }

  HttpReply own_posts(const Call& call) const {
    std::string data;
    for (std::size_t i = 0; i < sent_posts.size(); ++i) {
      const auto body = Json::parse(sent_posts[i]).value();
      JsonWriter out;
      out.begin_object().member("id", std::to_string(next_number + i));
      out.member("text", std::string_view("@warga " + body.text("text")));
      out.key("referenced_tweets").begin_array().begin_object().member("type", "replied_to");
      out.member("id", body.find("reply")->text("in_reply_to_tweet_id"));
      out.end_object().end_array().end_object();
      data += (data.empty() ? "" : ",") + as_asked(out.take(), call);
    }
    return reply(200, "{\"data\":[" + data + "]}");
  }

  /// Only the last one can be added to.
  HttpReply upload(const Call& call) {
    if (call.path.ends_with("/initialize")) {
      pictures.emplace_back();
      return reply(202, R"({"data":{"id":")" + std::to_string(7'000 + pictures.size()) + "\"}}");
    }
    if (call.path.ends_with("/append")) {
      constexpr std::string_view k_end = "\r\n--";
      const auto body = std::string_view(call.body);
      const auto media = body.find("\r\n\r\n", body.find("name=\"media\"")) + 4;
      pictures.back() += body.substr(media, body.rfind(k_end) - media);
    }
    return reply(200, "{}");
  }

  HttpReply serve(const Call& call) {
    if (call.path.starts_with("/2/media/upload/")) return upload(call);
    if (call.path == "/2/users/me" || call.path.starts_with("/2/users/by/username/")) {
      return reply(200, R"({"data":{"id":")" + account + R"(","username":")" + handle + R"("}})");
    }
    if (call.path.ends_with("/mentions")) return list(mentions, call);
    if (call.path == "/2/tweets/search/recent") return list(found, call);
    if (call.path.ends_with("/dm_events")) return list(messages, call);
    if (call.path == "/2/users/" + account + "/tweets") return own_posts(call);
    if (call.path == "/2/tweets" && call.method == "GET") return look_up(call);
    if (call.path == "/2/oauth2/token") {
      const auto n = std::to_string(++refreshes);
      return reply(200, R"({"access_token":"access-)" + n + R"(","refresh_token":"refresh-)" + n +
                            R"(","expires_in":7200})");
    }
    if (call.path == "/2/tweets") {
      sent_posts.push_back(call.body);
      return reply(201, R"({"data":{"id":")" + std::to_string(next_number + sent_posts.size() - 1) +
                            R"("}})");
    }
    if (call.path.ends_with("/messages")) {
      sent_messages.push_back(call.body);
      const auto text = Json::parse(call.body).value().text("text");
      JsonWriter out;
      out.begin_object().member("id", std::to_string(++next_number));
      out.member("event_type", "MessageCreate").member("sender_id", account);
      out.member("text", text).end_object();
      messages.emplace_back(next_number, out.take());
      return reply(201, R"({"data":{"dm_event_id":")" + std::to_string(next_number) + R"("}})");
    }
    return reply(404, "{}");
  }
};

}  // namespace kanal::twitter
