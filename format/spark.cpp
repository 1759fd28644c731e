#include "format/spark.hpp"

#include <cassert>

#include "core/text.hpp"

namespace kanal {
namespace {

constexpr std::string_view k_not_a_character = "\xEF\xBF\xBE";  // U+FFFE
constexpr std::string_view k_nor_this = "\xEF\xBF\xBF";         // U+FFFF

void append_xml(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    switch (character) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':
        out += "&#13;";
        break;
      case '\n':
      case '\t':
        out += character;
        break;
      default: {
        const auto three = text.substr(at, 3);
        if (three == k_not_a_character || three == k_nor_this) {
          at += 2;
        } else if (static_cast<unsigned char>(character) >= 0x20) {
          out += character;
        }
      }
    }
  }
}

std::string print_number(double number) {
  return JsonWriter().value(number).take();
}

}  // namespace

SparkWriter::SparkWriter(Markup markup) : markup_(markup) {
  if (markup_ == Markup::xml) xml_ = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
}

void SparkWriter::open(std::string_view name, std::string item) {
  const bool is_list = !item.empty();
  const bool in_list = !levels_.empty() && !levels_.back().item.empty();
  const auto called = std::string(in_list ? std::string_view(levels_.back().item) : name);
  assert(!called.empty());
  if (markup_ == Markup::xml) {
    xml_ += '<' + called + '>';
  } else {
    if (!levels_.empty() && !in_list) json_.key(called);
    if (is_list) {
      json_.begin_array();
    } else {
      json_.begin_object();
    }
  }
  levels_.push_back({called, std::move(item)});
}

void SparkWriter::close() {
  assert(!levels_.empty());
  if (markup_ == Markup::xml) {
    xml_ += "</" + levels_.back().name + '>';
  } else if (levels_.back().item.empty()) {
    json_.end_object();
  } else {
    json_.end_array();
  }
  levels_.pop_back();
}

void SparkWriter::element(std::string_view name, std::string_view text) {
  xml_ += '<';
  xml_ += name;
  xml_ += '>';
  append_xml(xml_, scrub_utf8(text));
  xml_ += "</";
  xml_ += name;
  xml_ += '>';
}

SparkWriter& SparkWriter::begin_list(std::string_view name, std::string_view item) {
  open(name, std::string(item));
  return *this;
}
SparkWriter& SparkWriter::end_list() {
  close();
  return *this;
}
SparkWriter& SparkWriter::begin_record(std::string_view name) {
  open(name, {});
  return *this;
}
SparkWriter& SparkWriter::end_record() {
  close();
  return *this;
}

SparkWriter& SparkWriter::member(std::string_view name, std::string_view text) {
  if (markup_ == Markup::xml) {
    element(name, text);
  } else if (text.empty()) {
    json_.null_member(name);
  } else {
    json_.member(name, text);
  }
  return *this;
}

SparkWriter& SparkWriter::member(std::string_view name, bool truth) {
  if (markup_ == Markup::json) {
    json_.member(name, truth);
    return *this;
  }
  element(name, truth ? "true" : "false");
  return *this;
}

SparkWriter& SparkWriter::member(std::string_view name, int number) {
  if (markup_ == Markup::json) {
    json_.member(name, number);
    return *this;
  }
  element(name, std::to_string(number));
  return *this;
}

SparkWriter& SparkWriter::member(std::string_view name, double number) {
  if (markup_ == Markup::json) {
    json_.member(name, number);
    return *this;
  }
  element(name, print_number(number));
  return *this;
}

SparkWriter& SparkWriter::item(std::string_view text) {
  assert(!levels_.empty() && !levels_.back().item.empty());
  if (markup_ == Markup::xml) {
    element(levels_.back().item, text);
  } else {
    json_.value(text);
  }
  return *this;
}

std::string SparkWriter::take() {
  assert(levels_.empty());
  if (markup_ == Markup::json) return json_.take();
  xml_ += '\n';
  return std::move(xml_);
}

}  // namespace kanal
