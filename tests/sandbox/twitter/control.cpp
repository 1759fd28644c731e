#include "tests/sandbox/control.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/sandbox/twitter/twitter.hpp"

namespace kanal::sandbox::twitter {

namespace {

std::string text_in(const value& body, const char* key) {
  return body.is_object() && body.has_field(key) && body.at(key).is_string()
             ? body.at(key).as_string()
             : std::string();
}

int number_in(const value& body, const char* key, int fallback) {
  return body.is_object() && body.has_field(key) ? body.at(key).as_integer() : fallback;
}

Answer told(const value& body) {
  Answer answer;
  answer.body = print(body);
  return answer;
}

Answer id_of(PostNumber id) {
  auto body = value::object(true);
  body["id"] = value::string(to_text(id));
  return told(body);
}

// A PNG of one point, for pictures whose content does not matter.
constexpr std::string_view k_point =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
    "==";

std::vector<Picture> pictures_in(const value& body, PostNumber seed) {
  std::vector<Picture> pictures;
  if (!body.has_field("pictures")) return pictures;
  for (const auto& each : body.at("pictures").as_array()) {
    Picture picture;
    picture.key = "3_" + std::to_string(seed) + std::to_string(pictures.size());
    const auto type = text_in(each, "type");
    if (!type.empty()) picture.type = type;
    const auto bytes = text_in(each, "base64");
    picture.bytes = from_base64(bytes.empty() ? std::string(k_point) : bytes).value_or("");
    picture.alt_text = text_in(each, "alt_text");
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace

value Api::timeline() const {
  std::vector<value> all;
  for (const auto& [id, post] : world_.posts()) {
    auto one = value::object(true);
    one["id"] = value::string(to_text(id));
    one["by"] = value::string(world_.user(post.author)->username);
    one["text"] = value::string(post.text);
    one["at"] = value::string(print_time(post.at));
    if (post.reply_to) one["in_reply_to"] = value::string(to_text(*post.reply_to));
    if (post.quotes) one["quotes"] = value::string(to_text(*post.quotes));
    if (!post.pictures.empty()) {
      one["picture_bytes"] =
          value::number(static_cast<std::int64_t>(post.pictures.front().bytes.size()));
    }
    one["deleted"] = value::boolean(post.deleted);
    one["superseded"] = value::boolean(post.superseded);
    all.push_back(one);
  }
  std::vector<value> said;
  for (const auto& message : world_.messages()) {
    auto one = value::object(true);
    one["id"] = value::string(to_text(message.id));
    one["by"] = value::string(world_.user(message.from)->username);
    one["to"] = value::string(world_.user(message.to)->username);
    one["text"] = value::string(message.text);
    one["at"] = value::string(print_time(message.at));
    said.push_back(one);
  }
  auto body = value::object(true);
  body["posts"] = value::array(all);
  body["messages"] = value::array(said);
  return body;
}

Answer Api::control_posts(const Request& request, std::string_view id) {
  const auto number = to_number(id);
  if (request.method == "DELETE") {
    auto body = value::object(true);
    body["deleted"] = value::boolean(number && world_.remove(*number));
    return told(body);
  }
  const auto body = value::parse(request.body);
  if (number) {
    const auto* edited = world_.edit(*number, text_in(body, "text"));
    if (edited == nullptr) throw std::runtime_error("there is no such post");
    return id_of(edited->id);
  }
  Post post;
  post.author = world_.person(text_in(body, "as")).id;
  post.text = text_in(body, "text");
  if (const auto said = text_in(body, "lang"); !said.empty()) post.language = said;
  post.reply_to = to_number(text_in(body, "in_reply_to"));
  post.quotes = to_number(text_in(body, "quotes"));
  post.repeats = to_number(text_in(body, "repeats"));
  post.at = std::chrono::milliseconds(0);
  post.pictures = pictures_in(body, world_.posts().size() + 1);
  if (body.has_field("place")) {
    const auto& place = body.at("place");
    Spot spot;
    spot.id = "place" + std::to_string(world_.posts().size());
    spot.full_name = text_in(place, "name");
    if (place.has_field("latitude")) spot.latitude = place.at("latitude").as_double();
    if (place.has_field("longitude")) spot.longitude = place.at("longitude").as_double();
    post.exact_spot = place.has_field("exact") && place.at("exact").as_bool();
    post.spot = spot;
  }
  // As the app does: an answer names whom it answers.
  const auto* parent = post.reply_to ? world_.find(*post.reply_to) : nullptr;
  if (parent != nullptr && parent->author != post.author &&
      !world_.mentions(post, *world_.user(parent->author))) {
    post.text = "@" + world_.user(parent->author)->username + " " + post.text;
  }
  const int count = number_in(body, "count", 1);
  PostNumber made = 0;
  for (int i = 0; i < count; ++i) {
    auto copy = post;
    if (count > 1) copy.text += " (" + std::to_string(i + 1) + ")";
    made = world_.add(std::move(copy)).id;
  }
  return id_of(made);
}

Answer Api::control_settings(const value& body) {
  const auto dialect = text_in(body, "dialect");
  if (dialect == "tweets") dialect_ = Dialect::tweets;
  if (dialect == "posts") dialect_ = Dialect::posts;
  if (dialect == "as_asked") dialect_.reset();
  credits_ = number_in(body, "credits", credits_);
  page_most_ = number_in(body, "page_most", page_most_);
  if (body.has_field("must_be_summoned")) {
    must_be_summoned_ = body.at("must_be_summoned").as_bool();
  }
  if (body.has_field("keeps_answers")) keeps_answers_ = body.at("keeps_answers").as_bool();
  if (body.has_field("limits")) {
    for (const auto& [endpoint, limit] : body.at("limits").as_object()) {
      gate_.set_limit(endpoint, limit.as_integer());
    }
  }
  if (body.has_field("takes_no_messages")) {
    takes_no_messages_ = text_in(body, "takes_no_messages");
  }
  const auto handle = text_in(body, "handle");
  if (!handle.empty()) world_.rename(world_.bridge().id, handle, handle);
  return told(value::object());
}

Answer Api::control(const Request& request) {
  const auto path = std::string_view(request.path).substr(std::string_view("/control").size());
  if (path == "/health") return told(value::object());
  if (path == "/timeline") return told(timeline());
  if (path == "/requests") return told(value::array(requests_));
  if (path.starts_with("/posts")) {
    return control_posts(request, path.size() > 7 ? path.substr(7) : std::string_view());
  }
  if (path == "/faults" && request.method == "DELETE") {
    faults_.forget();
    return told(value::object());
  }
  if (path == "/tokens") {
    gate_.expire_tokens();
    return told(value::object());
  }
  const auto body = value::parse(request.body);
  if (path == "/messages") {
    const auto from = world_.person(text_in(body, "as")).id;
    // Posts' pictures are numbered from 1.
    auto pictures = pictures_in(body, 1'000'000 + world_.messages().size());
    return id_of(
        world_.say(from, world_.bridge().id, text_in(body, "text"), std::move(pictures)).id);
  }
  if (path == "/faults") {
    Fault fault;
    fault.on = text_in(body, "on");
    fault.fault = text_in(body, "fault");
    fault.times = number_in(body, "times", 1);
    if (std::ranges::count(k_faults, fault.fault) == 0) {
      return unknown("fault", fault.fault, k_faults);
    }
    if (!fault.on.empty() && std::ranges::count(k_endpoints, fault.on) == 0) {
      return unknown("endpoint", fault.on, k_endpoints);
    }
    fault.delay = std::chrono::milliseconds(number_in(body, "delay_ms", 0));
    fault.after_bytes = static_cast<std::size_t>(number_in(body, "after_bytes", 20));
    faults_.order(std::move(fault));
    return told(value::object());
  }
  if (path == "/settings") return control_settings(body);
  if (path == "/clock") {
    world_.advance(Seconds(number_in(body, "advance_s", 0)));
    return told(value::object());
  }
  Answer answer;
  answer.status = 404;
  answer.body = "{}";
  return answer;
}

}  // namespace kanal::sandbox::twitter
