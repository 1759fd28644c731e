#include "format/post_json.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/json.hpp"

namespace kanal {

namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

constexpr std::size_t k_most_line_bytes = 4U << 20U;
constexpr std::size_t k_most_line_depth = 16;
constexpr std::size_t k_most_attachments = 100;
constexpr std::size_t k_most_keys = 32;  ///< of one object, far more than there are

tl::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return fail(Remedy::drop, "\"" + std::string(key) + "\" " + std::string(what));
}

Result<> read_text(std::string_view key, Element element, std::string& into) {
  if (element.is_null()) return {};
  std::string_view text;
  if (element.get_string().get(text) != simdjson::SUCCESS) return wrong(key, "must be a text");
  into = text.find('\0') == std::string_view::npos ? std::string(text) : scrub_utf8(text);
  return {};
}

Result<> read_bool(std::string_view key, Element element, bool& into) {
  if (element.is_null()) return {};
  if (element.get_bool().get(into) != simdjson::SUCCESS) {
    return wrong(key, "must be true or false");
  }
  return {};
}

Result<Object> read_object(std::string_view key, Element element) {
  Object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return wrong(key, "must be an object");
  if (object.size() > k_most_keys) return wrong(key, "has too many keys");
  for (auto each = object.begin(); each != object.end(); ++each) {
    for (auto before = object.begin(); before != each; ++before) {
      if (each.key() == before.key()) return wrong(each.key(), "is there twice");
    }
  }
  return object;
}

Result<> read_author(Element element, Author& author) {
  const auto object = TRY(read_object("author", element));
  for (const auto [key, value] : object) {
    std::string* into = nullptr;
    std::string id;
    if (key == "id") into = &id;
    if (key == "handle") into = &author.handle;
    if (key == "name") into = &author.name;
    if (key == "phone") into = &author.phone;
    if (key == "email") into = &author.email;
    if (into == nullptr) return wrong("author." + std::string(key), "is not a key of a post");
    TRY(read_text("author." + std::string(key), value, *into));
    if (into == &id) author.id = ExternalId(std::move(id));
  }
  return {};
}

Result<> read_degrees(std::string_view key, Element element, double most,
                      std::optional<double>& into) {
  if (element.is_null()) return {};
  double degrees = 0;
  if (element.get_double().get(degrees) != simdjson::SUCCESS || std::abs(degrees) > most) {
    return wrong(key, "must be a number of degrees");
  }
  into = degrees;
  return {};
}

Result<> read_place(Element element, std::optional<Place>& into) {
  if (element.is_null()) return {};
  Place place;
  const auto object = TRY(read_object("place", element));
  for (const auto [key, value] : object) {
    if (key == "lat") {
      TRY(read_degrees("place.lat", value, 90, place.latitude));
    } else if (key == "long") {
      TRY(read_degrees("place.long", value, 180, place.longitude));
    } else if (key == "address") {
      TRY(read_text("place.address", value, place.address));
    } else {
      return wrong("place." + std::string(key), "is not a key of a post");
    }
  }
  into = std::move(place);
  return {};
}

Result<> read_attachments(Element element, std::vector<Attachment>& into) {
  if (element.is_null()) return {};
  simdjson::dom::array array;
  if (element.get_array().get(array) != simdjson::SUCCESS) {
    return wrong("attachments", "must be a list");
  }
  for (const auto item : array) {
    if (into.size() == k_most_attachments) return wrong("attachments", "has too many entries");
    Attachment attachment;
    std::string path;
    const auto object = TRY(read_object("attachments", item));
    for (const auto [key, value] : object) {
      if (key == "name") {
        TRY(read_text("attachments.name", value, attachment.name));
      } else if (key == "type") {
        TRY(read_text("attachments.type", value, attachment.type));
      } else if (key == "path") {
        TRY(read_text("attachments.path", value, path));
      } else {
        return wrong("attachments." + std::string(key), "is not a key of a post");
      }
    }
    attachment.file = path;
    into.push_back(std::move(attachment));
  }
  return {};
}

Result<> read_hints(Element element, Hints& hints) {
  if (element.is_null()) return {};
  const auto object = TRY(read_object("hints", element));
  for (const auto [key, value] : object) {
    const auto path = "hints." + std::string(key);
    if (key == "subject") {
      TRY(read_text(path, value, hints.subject));
    } else if (key == "category") {
      TRY(read_text(path, value, hints.category));
    } else if (key == "agency") {
      TRY(read_text(path, value, hints.agency));
    } else if (key == "kind") {
      TRY(read_text(path, value, hints.kind));
    } else if (key == "anonymous") {
      TRY(read_bool(path, value, hints.anonymous));
    } else if (key == "confidential") {
      TRY(read_bool(path, value, hints.confidential));
    } else {
      return wrong(path, "is not a key of a post");
    }
  }
  return {};
}

Result<> read_time(Element element, Time& into) {
  std::string text;
  TRY(read_text("posted_at", element, text));
  const auto time = parse_rfc3339(text);
  if (!time) return wrong("posted_at", "must be an RFC 3339 time with a zone");
  into = *time;
  return {};
}

struct Seen {
  bool id = false;
  bool text = false;
  bool time = false;
};

Result<> read_member(std::string_view key, Element value, LabelledPost& into, Seen& seen) {
  auto& post = into.post;
  std::string text;
  if (key == "id") {
    TRY(read_text(key, value, text));
    seen.id = !text.empty();
    post.id = ExternalId(std::move(text));
  } else if (key == "in_reply_to") {
    TRY(read_text(key, value, text));
    if (!text.empty()) post.in_reply_to = ExternalId(std::move(text));
  } else if (key == "text") {
    if (value.is_null()) return {};
    TRY(read_text(key, value, post.text));
    seen.text = true;
  } else if (key == "author") {
    TRY(read_author(value, post.author));
  } else if (key == "posted_at") {
    TRY(read_time(value, post.posted_at));
    seen.time = true;
  } else if (key == "channel") {
    TRY(read_text(key, value, into.channel));
  } else if (key == "lang") {
    TRY(read_text(key, value, post.language));
  } else if (key == "place") {
    TRY(read_place(value, post.place));
  } else if (key == "attachments") {
    TRY(read_attachments(value, post.attachments));
  } else if (key == "hints") {
    TRY(read_hints(value, post.hints));
  } else if (key == "truth") {
    if (!value.is_null()) into.truth = simdjson::minify(value);
  } else {
    return wrong(key, "is not a key of a post");
  }
  return {};
}

void write_optional(JsonWriter& out, std::string_view key, std::string_view text) {
  if (text.empty()) {
    out.null_member(key);
  } else {
    out.member(key, text);
  }
}

void write_degrees(JsonWriter& out, std::string_view key, const std::optional<double>& degrees) {
  if (degrees) {
    out.member(key, *degrees);
  } else {
    out.null_member(key);
  }
}

}  // namespace

struct PostReader::Inside {
  simdjson::dom::parser parser{k_most_line_bytes};
  std::string buffer;
};

PostReader::PostReader() : inside_(std::make_unique<Inside>()) {}
PostReader::~PostReader() = default;

Result<LabelledPost> PostReader::read(std::string_view line) {
  if (line.size() > k_most_line_bytes) return fail(Remedy::drop, "this post is too long");
  auto& inside = *inside_;
  if (inside.parser.capacity() < line.size() + 1 &&
      inside.parser.allocate(std::max<std::size_t>(line.size() + 1, 4096), k_most_line_depth) !=
          simdjson::SUCCESS) {
    return fail(Remedy::drop, "this post is too long");
  }
  inside.buffer.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  inside.buffer.assign(line);
  Element element;
  if (const auto error =
          inside.parser.parse(inside.buffer.data(), inside.buffer.size(), false).get(element);
      error != simdjson::SUCCESS) {
    return fail(Remedy::drop, std::string("not valid JSON: ") + simdjson::error_message(error));
  }
  const auto object = TRY(read_object("post", element));
  LabelledPost labelled;
  Seen seen;
  for (const auto [key, value] : object) TRY(read_member(key, value, labelled, seen));
  if (!seen.id) return wrong("id", "is missing");
  if (labelled.post.author.id.empty()) return wrong("author.id", "is missing");
  if (!seen.text) return wrong("text", "is missing");
  if (!seen.time) return wrong("posted_at", "is missing");
  labelled.post.payload = std::string(line);
  return labelled;
}

std::string print_post(const Post& post, std::string_view channel, std::string_view truth) {
  JsonWriter out;
  out.begin_object();
  write_optional(out, "channel", channel);
  out.member("id", post.id.value());
  write_optional(out, "in_reply_to", post.in_reply_to ? post.in_reply_to->value() : "");
  out.key("author").begin_object();
  out.member("id", post.author.id.value());
  write_optional(out, "handle", post.author.handle);
  write_optional(out, "name", post.author.name);
  write_optional(out, "phone", post.author.phone);
  write_optional(out, "email", post.author.email);
  out.end_object();
  out.member("text", post.text);
  write_optional(out, "lang", post.language);
  out.member("posted_at", print_rfc3339(post.posted_at));
  if (post.place) {
    out.key("place").begin_object();
    write_degrees(out, "lat", post.place->latitude);
    write_degrees(out, "long", post.place->longitude);
    write_optional(out, "address", post.place->address);
    out.end_object();
  } else {
    out.null_member("place");
  }
  out.key("attachments").begin_array();
  for (const auto& attachment : post.attachments) {
    out.begin_object();
    out.member("name", attachment.name);
    out.member("type", attachment.type);
    write_optional(out, "path", attachment.file.string());
    out.end_object();
  }
  out.end_array();
  out.key("hints").begin_object();
  write_optional(out, "subject", post.hints.subject);
  write_optional(out, "category", post.hints.category);
  write_optional(out, "agency", post.hints.agency);
  write_optional(out, "kind", post.hints.kind);
  out.member("anonymous", post.hints.anonymous);
  out.member("confidential", post.hints.confidential);
  out.end_object();
  out.key("truth").raw(truth.empty() ? "null" : truth);
  out.end_object();
  return out.take();
}

}  // namespace kanal
