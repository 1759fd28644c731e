#include "format/spark_reader.hpp"

#include <algorithm>
#include <expat.h>
#include <memory>

#include "core/text.hpp"
#include "format/json.hpp"
#include "format/plain_text.hpp"

namespace kanal {
namespace {

constexpr int k_most_element_depth = 32;

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Remedy::drop, std::string(why));
}

void add(SparkRecord& record, std::string_view name, std::string_view text) {
  if (trim(text).empty()) return;
  record.emplace_back(scrub_utf8(name), scrub_utf8(text));
}

bool is_plain(const Json& value) {
  return value.type != Json::Type::array && value.type != Json::Type::object;
}

void collect(const Json& value, std::vector<SparkRecord>& records) {
  if (value.type == Json::Type::array) {
    for (const auto& each : value.array) collect(each, records);
    return;
  }
  const bool is_record =
      std::ranges::any_of(value.object, [](const auto& member) { return is_plain(member.second); });
  if (!is_record) {
    for (const auto& [name, member] : value.object) collect(member, records);
    return;
  }
  auto& record = records.emplace_back();
  for (const auto& [name, member] : value.object) add(record, name, plain_text(member));
}

/// What expat tells of one document.
class XmlRecords {
 public:
  explicit XmlRecords(std::string_view item)
      : item_(item), parser_(XML_ParserCreate(nullptr), XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), begin, end);
    XML_SetCharacterDataHandler(parser_.get(), characters);
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          static_cast<XmlRecords*>(self)->stop("it declares a document type");
        });
  }

  Result<std::vector<SparkRecord>> read(std::string_view text) {
    const auto status =
        XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (!trouble_.empty()) return refuse(trouble_);
    if (status != XML_STATUS_OK) return refuse("it is no XML");
    return std::move(records_);
  }

 private:
  static void begin(void* of, const XML_Char* name, const XML_Char** /*attributes*/) {
    auto& self = *static_cast<XmlRecords*>(of);
    if (++self.depth_ > k_most_element_depth) return self.stop("it is nested too deep");
    if (self.record_depth_ == 0 && self.item_ == name) {
      self.record_depth_ = self.depth_;
      self.records_.emplace_back();
    }
    self.text_.clear();
    self.is_leaf_ = true;
  }
  static void end(void* of, const XML_Char* name) {
    auto& self = *static_cast<XmlRecords*>(of);
    const bool member = self.record_depth_ != 0 && self.depth_ == self.record_depth_ + 1;
    if (member && self.is_leaf_) add(self.records_.back(), name, self.text_);
    if (self.depth_ == self.record_depth_) self.record_depth_ = 0;
    --self.depth_;
    self.is_leaf_ = false;
    self.text_.clear();
  }
  static void characters(void* of, const XML_Char* text, int length) {
    auto& self = *static_cast<XmlRecords*>(of);
    if (self.record_depth_ != 0) self.text_.append(text, static_cast<std::size_t>(length));
  }
  void stop(std::string_view why) {
    trouble_ = why;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::string_view item_;
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::vector<SparkRecord> records_;
  std::string text_;
  std::string trouble_;
  int depth_ = 0;
  int record_depth_ = 0;  ///< of the record that is open; 0: none
  bool is_leaf_ = false;
};

}  // namespace

std::string_view text_of(const SparkRecord& record, std::string_view name) {
  for (const auto& [key, value] : record) {
    if (key == name) return trim(value);
  }
  return {};
}

Result<std::vector<SparkRecord>> read_spark(std::string_view text, std::string_view item) {
  constexpr std::size_t k_most_bytes = 64U << 20U;
  if (text.size() > k_most_bytes) return refuse("it is too long");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = trim(text);
  if (text.starts_with('<')) return XmlRecords(item).read(text);
  const auto json = Json::parse(text);
  if (!json || is_plain(*json)) return refuse("it is neither XML nor JSON");
  std::vector<SparkRecord> records;
  collect(*json, records);
  return records;
}

}  // namespace kanal
