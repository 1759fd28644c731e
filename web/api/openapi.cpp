#include <algorithm>

#include "format/json.hpp"
#include "net/answer.hpp"
#include "router/files.hpp"
#include "web/api/operation.hpp"
#include "web/api/schemas.hpp"

namespace kanal::api {
namespace {

std::string reference_to(std::string_view schema) {
  return "#/components/schemas/" + std::string(schema);
}

void write_type(JsonWriter& out, const Member& member) {
  out.begin_object();
  if (!member.words.empty()) {
    out.member("$ref", reference_to(member.words));
  } else if (member.kind == Kind::text) {
    out.member("type", "string");
    if (member.least > 0) out.member("minLength", 1);
    out.member("maxLength", member.most);
  } else if (member.kind == Kind::whole) {
    out.member("type", "integer").member("minimum", member.least).member("maximum", member.most);
  } else {
    out.member("type", "boolean");
  }
  out.end_object();
}

void write_schema_of(JsonWriter& out, const Member& member) {
  if (!member.many) return write_type(out, member);
  out.begin_object().member("type", "array").key("items");
  write_type(out, member);
  out.end_object();
}

void write_path_parameters(JsonWriter& out, std::string_view path) {
  for (auto at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    const auto name = path.substr(at + 1, path.find('}', at) - at - 1);
    out.begin_object().member("name", name).member("in", "path").member("required", true);
    out.key("schema").begin_object();
    if (name == "id" || name == "step" || name == "number") {
      out.member("type", "integer").member("minimum", name == "number" ? 0 : 1);
    } else {
      out.member("type", "string");
    }
    out.end_object().end_object();
  }
}

void write_query_parameters(JsonWriter& out, Shape query) {
  for (const auto& member : query) {
    out.begin_object().member("name", member.name).member("in", "query");
    out.member("description", member.about).member("required", member.required).key("schema");
    write_schema_of(out, member);
    out.end_object();
  }
}

void write_files_member(JsonWriter& out) {
  out.key("files").begin_object().member("type", "array");
  out.member("maxItems", k_most_line_files).key("items");
  out.begin_object().member("type", "string").member("format", "binary").end_object();
  out.member("description",
             "Pictures (JPEG, PNG, WebP), documents (PDF) or films (MP4) of 10 MB each at most; "
             "what tells where and by what they were made is taken out.");
  out.end_object();
}

void write_content(JsonWriter& out, std::string_view type, Shape body, bool files) {
  out.key(type).begin_object().key("schema");
  out.begin_object().member("type", "object").member("additionalProperties", false);
  out.key("required").begin_array();
  for (const auto& member : body) {
    if (member.required) out.value(member.name);
  }
  out.end_array().key("properties").begin_object();
  for (const auto& member : body) {
    out.key(member.name).begin_object().key("allOf").begin_array();
    write_schema_of(out, member);
    out.end_array().member("description", member.about).end_object();
  }
  if (files) write_files_member(out);
  out.end_object().end_object().end_object();
}

void write_body(JsonWriter& out, const Operation& operation) {
  out.key("requestBody").begin_object().member("required", true);
  out.key("content").begin_object();
  write_content(out, "application/json", operation.body, false);
  if (operation.most_files_bytes > 0) {
    write_content(out, "multipart/form-data", operation.body, true);
  }
  out.end_object().end_object();
}

void write_responses(JsonWriter& out, const Operation& operation) {
  const auto success = std::to_string(operation.success);
  out.key("responses").begin_object();
  out.key(success).begin_object().member("description", phrase_of(operation.success));
  if (operation.answer == k_bytes) {
    out.key("content").begin_object().key("*/*").begin_object().end_object().end_object();
  } else if (!operation.answer.empty()) {
    out.key("content").begin_object().key("application/json").begin_object().key("schema");
    out.begin_object().member("$ref", reference_to(operation.answer));
    out.end_object().end_object().end_object();
  }
  out.end_object();
  for (const int status : others_of(operation)) {
    out.key(std::to_string(status)).begin_object();
    if (status < 300) {
      out.member("description", phrase_of(status));
    } else {
      out.member("$ref", "#/components/responses/" + std::to_string(status));
    }
    out.end_object();
  }
  out.key("default").begin_object().member("$ref", "#/components/responses/default").end_object();
  out.end_object();
}

void write_operation(JsonWriter& out, const Operation& operation) {
  std::string method(operation.method);
  std::ranges::transform(method, method.begin(),
                         [](char c) { return static_cast<char>(c | 0x20); });
  out.key(method).begin_object().member("operationId", operation.id);
  out.member("summary", operation.about);
  out.key("security").begin_array();
  const bool open = operation.door <= Door::reader;
  if (open) out.begin_object().end_object();
  out.begin_object().key("bearer").begin_array().end_array().end_object().end_array();
  out.key("parameters").begin_array();
  write_path_parameters(out, operation.path);
  write_query_parameters(out, operation.query);
  out.end_array();
  if (!operation.body.empty()) write_body(out, operation);
  write_responses(out, operation);
  out.end_object();
}

void write_paths(JsonWriter& out) {
  std::vector<std::string_view> paths;
  for (const auto& operation : operations()) {
    if (std::ranges::find(paths, operation.path) == paths.end()) paths.push_back(operation.path);
  }
  out.key("paths").begin_object();
  for (const auto path : paths) {
    out.key("/api/v1" + std::string(path)).begin_object();
    for (const auto& operation : operations()) {
      if (operation.path == path) write_operation(out, operation);
    }
    out.end_object();
  }
  out.end_object();
}

void write_problem_response(JsonWriter& out, std::string_view name, std::string_view about,
                            std::string_view header) {
  out.key(name).begin_object().member("description", about);
  if (!header.empty()) {
    out.key("headers").begin_object().key(header).begin_object().key("schema").begin_object();
    out.member("type", "string").end_object().end_object().end_object();
  }
  out.key("content").begin_object().key("application/problem+json").begin_object().key("schema");
  out.begin_object().member("$ref", "#/components/schemas/Problem");
  out.end_object().end_object().end_object().end_object();
}

void write_components(JsonWriter& out) {
  out.key("components").begin_object().key("schemas").begin_object();
  for (const auto& [name, schema] : schemas()) out.key(name).raw(schema);
  for (const auto list : word_lists()) {
    out.key(list).begin_object().member("type", "string").key("enum").begin_array();
    for (const auto word : words_of(list)) out.value(word);
    out.end_array().end_object();
  }
  out.end_object().key("responses").begin_object();
  write_problem_response(out, "400", "The body is not JSON.", "");
  write_problem_response(out, "401", "There is no token, or it is not valid.", "WWW-Authenticate");
  write_problem_response(out, "403", "This is not for your role or office.", "");
  write_problem_response(out, "404", "There is nothing of this name for you.", "");
  write_problem_response(out, "409", "It has moved on, or this is not possible now.", "");
  write_problem_response(out, "413", "The body is too large.", "");
  write_problem_response(out, "415", "The body is of a type that is not taken here.", "");
  write_problem_response(out, "422", "Something in it does not fit; errors says what.", "");
  write_problem_response(out, "429", "Too much within a short time; come back later.",
                         "Retry-After");
  write_problem_response(out, "503", "Not now; come back later.", "Retry-After");
  write_problem_response(out, "default", "Any other refusal.", "");
  out.end_object().key("securitySchemes").begin_object().key("bearer").begin_object();
  out.member("type", "http").member("scheme", "bearer");
  out.member("description", "A token of `kanal user token` or POST /api/v1/tokens.");
  out.end_object().end_object().end_object();
}

}  // namespace

std::string openapi_document(std::string_view public_url, std::string_view version) {
  JsonWriter out;
  out.begin_object().member("openapi", "3.1.0");
  out.key("info").begin_object().member("title", "Kanal").member("version", version);
  out.member("description",
             "What the officers' console offers, for programs. A member that is not known, or not "
             "for whoever asks, is absent. Lengths of texts are bounded in bytes of UTF-8.");
  out.end_object();
  out.key("servers").begin_array().begin_object().member("url", public_url);
  out.end_object().end_array();
  write_paths(out);
  write_components(out);
  out.end_object();
  return out.take();
}

}  // namespace kanal::api
