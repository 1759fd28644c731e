#include "tests/sandbox/twitter/twitter.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "tests/sandbox/far_side.hpp"

namespace kanal::sandbox::twitter {

namespace {

constexpr std::size_t k_reach = 800;
constexpr std::size_t k_timeline_reach = 3200;
constexpr std::string_view k_page_mark = "7140dibdnow9c7";

Answer json(int status, const value& body) {
  Answer answer;
  answer.status = status;
  answer.body = print(body);
  if (status >= 400) answer.type = "application/problem+json";
  return answer;
}

Answer refusal(int status, const std::string& title, const std::string& detail,
               const std::string& kind = {}) {
  return json(status, problem(status, title, detail, kind));
}

Answer invalid(const std::string& why) {
  auto body = problem(400, "Invalid Request", "One or more parameters to your request was invalid.",
                      "invalid-request");
  auto one = value::object(true);
  one["message"] = value::string(why);
  body["errors"] = value::array({one});
  return json(400, body);
}

Answer not_found(const std::string& type, const std::string& parameter, const std::string& what) {
  auto body = problem(404, "Not Found Error",
                      "Could not find " + type + " with " + parameter + ": [" + what + "].",
                      "resource-not-found");
  body["resource_type"] = value::string(type);
  body["resource_id"] = body["value"] = value::string(what);
  body["parameter"] = value::string(parameter);
  return json(404, body);
}

Answer duplicate() {
  return refusal(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.");
}

void repeat_first(Answer& answer) {
  auto body = value::parse(answer.body);
  if (!body.is_object() || !body.has_array_field("data")) return;
  const auto& page = body.at("data").as_array();
  std::vector<value> data(page.begin(), page.end());
  if (data.empty()) return;
  data.push_back(value(data.front()));
  body["data"] = value::array(std::move(data));
  answer.body = print(body);
}

int number_in(const Request& request, std::string_view name, int fallback) {
  const auto text = request.parameter(name).value_or("");
  int number = fallback;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What was said to whom it answers.
std::string_view without_names(std::string_view text) {
  while (text.starts_with('@')) text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  return text;
}

}  // namespace

Endpoint endpoint_of(const std::string& method, std::string_view path) {
  const auto parts = split(path, '/');
  for (const auto pattern : k_endpoints) {
    const auto blank = pattern.find(' ');
    if (pattern.substr(0, blank) != method) continue;
    const auto wanted = split(pattern.substr(blank + 1), '/');
    if (wanted.size() != parts.size()) continue;
    std::string id;
    bool same = true;
    for (std::size_t i = 0; i < parts.size() && same; ++i) {
      if (wanted[i] == ":id") {
        id = parts[i];
      } else {
        same = wanted[i] == parts[i];
      }
    }
    if (same) return {std::string(pattern), id};
  }
  return {};
}

Api::Api(std::uint16_t port)
    : face_(port, [this](const Request& request) { return answer(request); }) {}

std::vector<std::pair<std::string, std::string>> Api::addresses() const {
  const auto& who = gate_.credentials();
  return {{"url", face_.url()},
          {"control", face_.url() + "/control"},
          {"handle", world_.bridge().username},
          {"consumer_key", who.consumer_key},
          {"consumer_secret", who.consumer_secret},
          {"access_token", who.access_token},
          {"access_secret", who.access_secret},
          {"bearer", who.bearer},
          {"client_id", who.client_id},
          {"client_secret", who.client_secret},
          {"refresh_token", who.refresh_token}};
}

Answer Api::answer(const Request& request) {
  std::scoped_lock lock(mutex_);
  if (request.path.starts_with("/control")) return control(request);
  const auto endpoint = endpoint_of(request.method, request.path);
  Answer answer;
  if (endpoint.name.empty()) {
    answer = refusal(404, "Not Found", "There is no such address.");
  } else {
    answer = through_faults(request, endpoint);
  }
  if (endpoint.name == k_media) return answer;
  auto line = value::object(true);
  line["endpoint"] = value::string(endpoint.name);
  line["path"] = value::string(request.path);
  line["query"] = value::string(request.query);
  line["status"] = value::number(answer.status);
  if (keeps_answers_) line["answer"] = value::string(answer.body);
  requests_.push_back(line);
  return answer;
}

Answer Api::through_faults(const Request& request, const Endpoint& endpoint) {
  const auto fault = faults_.next(endpoint.name);
  if (!fault) return admitted(request, endpoint);
  const auto& what = fault->fault;
  Answer answer;
  if (what == "429" || what == "429_plain") {
    answer = refusal(429, "Too Many Requests", "Too Many Requests", "");
    if (what == "429_plain") {
      answer.body = R"({"errors":[{"code":88,"message":"Rate limit exceeded"}]})";
    }
    gate_.count(endpoint.name, world_.now(), answer.headers);
    answer.headers["x-rate-limit-remaining"] = "0";
  } else if (what == "402") {
    answer = refusal(402, "Payment Required", "credits depleted", "credits-depleted");
  } else if (what == "401") {
    answer = refusal(401, "Unauthorized", "Unauthorized");
  } else if (what == "500" || what == "503") {
    answer = refusal(what == "500" ? 500 : 503, "Service Unavailable", "Service Unavailable");
  } else if (what == "503_posted") {
    answer = admitted(request, endpoint);
    if (answer.status < 300) {
      answer = refusal(503, "Service Unavailable", "Service Unavailable");
    }
  } else if (what == "duplicate" || what == "duplicate_posted") {
    if (what == "duplicate_posted") answer = admitted(request, endpoint);
    if (answer.status < 300) answer = duplicate();
  } else {
    answer = admitted(request, endpoint);
    if (what == "repeated") repeat_first(answer);
    if (what == "half" || what == "cut") answer.cut_after = fault->after_bytes;
    if (what == "garbage") answer.body = "<html>Over capacity</html>";
    if (what == "no_headers") answer.headers.clear();
  }
  answer.delay = fault->delay;
  return answer;
}

Answer Api::admitted(const Request& request, const Endpoint& endpoint) {
  if (endpoint.name == "POST /2/oauth2/token") return gate_.token(request, world_.now());
  if (endpoint.name == k_media) return media(endpoint.id);
  const auto caller = gate_.admit(request, face_.url(), world_.now());
  if (caller == Caller::nobody) return refusal(401, "Unauthorized", "Unauthorized");
  const bool personal =
      endpoint.name == "POST /2/tweets" || endpoint.name == "DELETE /2/tweets/:id" ||
      endpoint.name == "GET /2/users/me" || endpoint.name.find("dm_") != std::string::npos ||
      endpoint.name.find("/media/upload") != std::string::npos;
  if (personal && caller == Caller::app) {
    return refusal(403, "Unsupported Authentication",
                   "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
                   "unsupported-authentication");
  }
  std::map<std::string, std::string> headers;
  const bool within = gate_.count(endpoint.name, world_.now(), headers);
  auto answer = !within ? refusal(429, "Too Many Requests", "Too Many Requests")
                : credits_ <= 0
                    ? refusal(402, "Payment Required", "credits depleted", "credits-depleted")
                    : served(request, endpoint);
  answer.headers.insert(headers.begin(), headers.end());
  return answer;
}

Answer Api::served(const Request& request, const Endpoint& endpoint) {
  const auto& name = endpoint.name;
  if (name == "GET /2/users/me") return person(world_.bridge(), request);
  if (name == "GET /2/users/by/username/:id") {
    const auto* user = world_.user_named(endpoint.id);
    return user != nullptr ? person(*user, request) : not_found("user", "username", endpoint.id);
  }
  if (name == "GET /2/users/:id") {
    const auto* user = world_.user(endpoint.id);
    return user != nullptr ? person(*user, request) : not_found("user", "id", endpoint.id);
  }
  if (name == "GET /2/users/:id/mentions") return mentions(request, endpoint.id);
  if (name == "GET /2/users/:id/tweets") {
    return listing(request, 5, 10, k_timeline_reach,
                   [&](const Post& post) { return post.author == endpoint.id; });
  }
  if (name == "GET /2/tweets/search/recent") return search(request);
  if (name == "GET /2/tweets")
    return look_up(request, request.parameter("ids").value_or(""), false);
  if (name == "GET /2/tweets/:id") return look_up(request, endpoint.id, true);
  if (name == "POST /2/tweets") return publish(request);
  if (name == "DELETE /2/tweets/:id") {
    const auto id = to_number(endpoint.id);
    const auto* post = id ? world_.find(*id) : nullptr;
    const bool own = post != nullptr && post->author == world_.bridge().id;
    auto body = value::object(true);
    body["data"]["deleted"] = value::boolean(own && world_.remove(*id));
    return json(200, body);
  }
  if (name == "POST /2/dm_conversations/with/:id/messages") return say(request, endpoint.id);
  if (name.starts_with("POST /2/media/upload/")) {
    return uploads_.take(request, name.substr(name.rfind('/') + 1), endpoint.id);
  }
  if (name == "GET /2/media/upload") {
    return uploads_.status(request.parameter("media_id").value_or(""));
  }
  return messages(request, endpoint.id);
}

Answer Api::person(const User& user, const Request& request) {
  auto body = value::object(true);
  body["data"] = shown(user, wanted_by(request, dialect_).user_fields);
  return json(200, body);
}

Answer Api::mentions(const Request& request, const std::string& id) {
  const auto* user = world_.user(id);
  if (user == nullptr) {
    return not_found("user", "id", id);
  }
  return listing(request, 5, 10, k_reach, [&](const Post& post) {
    return post.author != user->id && world_.mentions(post, *user);
  });
}

Answer Api::search(const Request& request) {
  const auto query = request.parameter("query").value_or("");
  constexpr std::size_t k_longest_query = 512;
  if (query.empty() || query.size() > k_longest_query) return invalid("The query is too long.");
  if (!fits(world_, world_.posts().empty() ? Post{} : world_.posts().begin()->second, query)) {
    return invalid("There were errors processing your request: no viable alternative.");
  }
  const auto week_ago = world_.now() - std::chrono::hours(7 * 24);
  return listing(request, 10, 10, std::numeric_limits<std::size_t>::max(), [&](const Post& post) {
    return post.at >= week_ago && fits(world_, post, query).value_or(false);
  });
}

// Newest first. Both id bounds are exclusive; a token goes on below the last id that was seen.
Answer Api::listing(const Request& request, int least, int usual, std::size_t reach,
                    const std::function<bool(const Post&)>& belongs) {
  constexpr int k_most = 100;
  const int most = number_in(request, "max_results", usual);
  if (most < least || most > k_most) return invalid("The `max_results` query parameter value.");
  auto token = request.parameter("pagination_token").value_or("");
  if (token.empty()) token = request.parameter("next_token").value_or("");
  std::optional<PostNumber> below = to_number(request.parameter("until_id").value_or(""));
  if (!token.empty()) {
    if (!token.starts_with(k_page_mark)) return invalid("The `pagination_token` is not valid.");
    below = to_number(token.substr(k_page_mark.size()));
  }
  const auto above = to_number(request.parameter("since_id").value_or("")).value_or(0);
  const auto from = request.parameter("start_time").value_or("");
  const auto until = request.parameter("end_time").value_or("");
  const auto page_size =
      static_cast<std::size_t>(page_most_ > 0 ? std::min(page_most_, most) : most);

  Page page(world_, wanted_by(request, dialect_), face_.url());
  std::size_t seen = 0;
  std::optional<PostNumber> newest, last;
  bool more = false;
  for (auto at = world_.posts().rbegin(); at != world_.posts().rend(); ++at) {
    const auto& post = at->second;
    if (post.deleted || post.superseded || !belongs(post)) continue;
    if (++seen > reach) break;
    if (below && post.id >= *below) continue;
    if (post.id <= above) break;
    if (!from.empty() && print_time(post.at) < from) break;
    if (!until.empty() && print_time(post.at) >= until) continue;
    if (page.size() == page_size) {
      more = true;
      break;
    }
    page.add(post);
    if (!newest) newest = post.id;
    last = post.id;
  }
  const auto count = page.size();
  auto body = page.finish(false);
  auto meta = value::object(true);
  if (newest) meta["newest_id"] = value::string(to_text(*newest));
  if (last) meta["oldest_id"] = value::string(to_text(*last));
  meta["result_count"] = value::number(static_cast<std::int64_t>(count));
  if (more) meta["next_token"] = value::string(std::string(k_page_mark) + to_text(*last));
  body["meta"] = meta;
  credits_ -= static_cast<int>(count);
  return json(200, body);
}

Answer Api::look_up(const Request& request, const std::string& ids, bool single) {
  Page page(world_, wanted_by(request, dialect_), face_.url());
  for (const auto id : split(ids, ',')) {
    const auto number = to_number(id);
    if (!number) return invalid("The `ids` query parameter value [" + ids + "] is not valid");
    if (const auto* post = world_.find(*number)) {
      page.add(*post);
    } else {
      page.miss(std::string(id), false);
    }
  }
  credits_ -= static_cast<int>(page.size());
  return json(200, page.finish(single));
}

Answer Api::publish(const Request& request) {
  static const std::set<std::string, std::less<>> k_known = {
      "text", "reply", "media", "quote_tweet_id", "reply_settings", "made_with_ai"};
  value body;
  try {
    body = value::parse(request.body);
  } catch (const std::exception&) {
    return invalid("Your request body is not JSON.");
  }
  if (!body.is_object()) return invalid("Your request body is not an object.");
  for (const auto& [key, what] : body.as_object()) {
    if (!k_known.contains(key)) return invalid("[" + key + "] is not a known field.");
  }
  Post post;
  post.author = world_.bridge().id;
  if (body.has_field("text")) post.text = body.at("text").as_string();
  if (post.text.empty()) return invalid("Text is required.");
  constexpr std::size_t k_most_weight = 280;
  if (weight_of(post.text) > k_most_weight) {
    return refusal(403, "Forbidden", "You are not permitted to perform this action.");
  }
  if (body.has_field("reply")) {
    const auto& reply = body.at("reply");
    if (!reply.has_field("in_reply_to_tweet_id"))
      return invalid("in_reply_to_tweet_id is required");
    post.reply_to = to_number(reply.at("in_reply_to_tweet_id").as_string());
    const auto* parent = post.reply_to ? world_.find(*post.reply_to) : nullptr;
    if (parent == nullptr) {
      return refusal(403, "Forbidden",
                     "You attempted to reply to a Tweet that is deleted or not visible to you.");
    }
    if (must_be_summoned_ && !world_.summons(*parent, world_.bridge())) {
      return refusal(
          403, "Forbidden",
          "Reply to this conversation is not allowed because you have not been mentioned "
          "or otherwise engaged by the author of the post you are replying to.");
    }
  }
  if (body.has_field("quote_tweet_id")) {
    post.quotes = to_number(body.at("quote_tweet_id").as_string());
  }
  if (body.has_field("media")) {
    constexpr std::size_t k_most_pictures = 4;
    const auto& ids = body.at("media").at("media_ids").as_array();
    if (ids.size() == 0 || ids.size() > k_most_pictures) return invalid("media_ids: 1 to 4");
    for (const auto& id : ids) {
      auto picture = uploads_.finished(id.as_string());
      if (!picture) return invalid("Your media IDs are invalid.");
      post.pictures.push_back(std::move(*picture));
    }
  }
  // As X does: an answer names whom it answers.
  const auto* parent = post.reply_to ? world_.find(*post.reply_to) : nullptr;
  if (parent != nullptr && parent->author != post.author &&
      !world_.mentions(post, *world_.user(parent->author))) {
    post.text = "@" + world_.user(parent->author)->username + " " + post.text;
  }
  for (const auto& [id, other] : world_.posts()) {
    const bool same = !other.deleted && other.author == post.author &&
                      without_names(other.text) == without_names(post.text);
    if (!same) continue;
    return duplicate();
  }
  const auto& made = world_.add(std::move(post));
  credits_ -= 1;
  auto answer = value::object(true);
  auto data = value::object(true);
  data["id"] = value::string(to_text(made.id));
  data["text"] = value::string(made.text);
  data[dialect_ == Dialect::posts ? "edit_history_post_ids" : "edit_history_tweet_ids"] =
      value::array({value::string(to_text(made.id))});
  answer["data"] = data;
  return json(201, answer);
}

Answer Api::say(const Request& request, const std::string& to) {
  value body;
  try {
    body = value::parse(request.body);
  } catch (const std::exception&) {
    return invalid("Your request body is not JSON.");
  }
  if (!body.is_object() || !body.has_field("text")) return invalid("text or attachments required");
  const auto* user = world_.user(to);
  if (user == nullptr) return invalid("participant_id is not valid");
  if (user->username == takes_no_messages_) {
    return refusal(403, "Forbidden", "You do not have permission to DM one or more participants.");
  }
  const auto& said = world_.say(world_.bridge().id, to, body.at("text").as_string());
  auto answer = value::object(true);
  auto data = value::object(true);
  const auto pair = std::minmax(said.from, said.to);
  data["dm_conversation_id"] = value::string(pair.first + "-" + pair.second);
  data["dm_event_id"] = value::string(to_text(said.id));
  answer["data"] = data;
  return json(201, answer);
}

Answer Api::messages(const Request& request, const std::string& with) {
  std::set<std::string, std::less<>> fields;
  const auto asked = request.parameter("dm_event.fields").value_or("") + "," +
                     request.parameter("expansions").value_or("");
  for (const auto field : split(asked, ',')) fields.emplace(field);
  std::set<std::string, std::less<>> media_fields;
  const auto of_media = request.parameter("media.fields").value_or("");
  for (const auto field : split(of_media, ',')) media_fields.emplace(field);
  const auto most = static_cast<std::size_t>(number_in(request, "max_results", 100));
  const auto token = request.parameter("pagination_token").value_or("");
  const auto below = token.starts_with(k_page_mark) ? to_number(token.substr(k_page_mark.size()))
                                                    : std::optional<PostNumber>();
  std::vector<value> data;
  std::map<std::string, value> users;
  std::vector<value> pictures;
  PostNumber last = 0;
  bool more = false;
  for (auto at = world_.messages().rbegin(); at != world_.messages().rend(); ++at) {
    const bool ours = with.empty() || at->from == with || at->to == with;
    if (!ours || (below && at->id >= *below)) continue;
    if (data.size() == most) {
      more = true;
      break;
    }
    data.push_back(shown(world_, *at, fields));
    if (fields.contains("attachments.media_keys")) {
      for (const auto& picture : at->pictures) {
        pictures.push_back(shown(picture, media_fields, face_.url()));
      }
    }
    if (fields.contains("sender_id")) users[at->from] = shown(*world_.user(at->from), {});
    last = at->id;
  }
  auto body = value::object(true);
  if (!data.empty()) body["data"] = value::array(data);
  std::vector<value> people;
  for (const auto& [id, user] : users) people.push_back(user);
  if (!people.empty()) body["includes"]["users"] = value::array(people);
  if (!pictures.empty()) body["includes"]["media"] = value::array(pictures);
  body["meta"]["result_count"] = value::number(static_cast<std::int64_t>(data.size()));
  if (more) {
    body["meta"]["next_token"] = value::string(std::string(k_page_mark) + to_text(last));
  }
  return json(200, body);
}

Answer Api::media(std::string_view name) {
  Answer answer;
  answer.type = "image/png";
  const auto key = name.substr(0, name.rfind('.'));
  const auto take = [&](const std::vector<Picture>& pictures) {
    const auto found = std::ranges::find(pictures, key, &Picture::key);
    if (found != pictures.end()) answer.body = found->bytes;
    return found != pictures.end();
  };
  const bool is_posted = std::ranges::any_of(
      world_.posts(), [&](const auto& each) { return take(each.second.pictures); });
  const bool is_said = std::ranges::any_of(
      world_.messages(), [&](const Message& each) { return take(each.pictures); });
  if (!is_posted && !is_said) answer.status = 404;
  return answer;
}

}  // namespace kanal::sandbox::twitter

namespace kanal::sandbox {

std::unique_ptr<FarSide> make_twitter(const Ports& ports);
std::unique_ptr<FarSide> make_twitter(const Ports& ports) {
  return std::make_unique<twitter::Api>(ports.channel);
}

}  // namespace kanal::sandbox
