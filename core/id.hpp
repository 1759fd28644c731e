#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace kanal {

/// A number that the database gave; numbers of different things do not mix. 0 means "none yet".
template <class Tag>
class Number {
 public:
  constexpr Number() = default;
  constexpr explicit Number(std::int64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }
  constexpr explicit operator bool() const { return value_ != 0; }
  friend constexpr auto operator<=>(Number, Number) = default;

 private:
  std::int64_t value_ = 0;
};

/// A name that people or far sides gave; names of different things do not mix. Empty means "none".
template <class Tag>
class Name {
 public:
  Name() = default;
  explicit Name(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& value() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  std::string value_;
};

using ReportId = Number<struct ReportIdTag>;
using PostId = Number<struct PostIdTag>;
using ReporterId = Number<struct ReporterIdTag>;
using OutboxId = Number<struct OutboxIdTag>;
using OfficerId = Number<struct OfficerIdTag>;
using QuarantineId = Number<struct QuarantineIdTag>;

/// The name of a configured channel ("email", "form"), the key of its table in the settings.
using ChannelName = Name<struct ChannelNameTag>;
/// What the far side calls a post or an author; unique within a channel, never interpreted.
using ExternalId = Name<struct ExternalIdTag>;
/// Keys of the organisation's tables.
using AgencyId = Name<struct AgencyIdTag>;
using UnitId = Name<struct UnitIdTag>;
using CategoryId = Name<struct CategoryIdTag>;
using KindId = Name<struct KindIdTag>;
/// The number that a reporter is given: digits with a check digit (core/tracking_code.hpp).
using TrackingCode = Name<struct TrackingCodeTag>;

}  // namespace kanal

template <class Tag>
struct std::hash<kanal::Number<Tag>> {
  std::size_t operator()(kanal::Number<Tag> number) const noexcept {
    return std::hash<std::int64_t>{}(number.value());
  }
};
template <class Tag>
struct std::hash<kanal::Name<Tag>> {
  std::size_t operator()(const kanal::Name<Tag>& name) const noexcept {
    return std::hash<std::string>{}(name.value());
  }
};
