#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/settings.hpp"

namespace kanal::twitter {

/// Where posts come from; each is read at its own pace.
enum class Source { mentions, search, messages };
inline constexpr std::array<Source, 3> k_sources = {Source::mentions, Source::search,
                                                    Source::messages};

/// A value for each of them.
template <class Value>
class BySource {
 public:
  Value& operator[](Source source) { return values_[static_cast<std::size_t>(source)]; }
  const Value& operator[](Source source) const { return values_[static_cast<std::size_t>(source)]; }

 private:
  std::array<Value, k_sources.size()> values_{};
};

/// How far it has been read.
TweetId& reached(Position& position, Source source);
TweetId reached(const Position& position, Source source);

/// Whether the settings ask for it.
bool is_wanted(Source source, const Settings& settings);
/// What one that is read costs.
double price_of(Source source, const Settings& settings);
/// The time between two looks at it while the caps allow it.
std::chrono::seconds usual_pace(Source source, const Settings& settings);

}  // namespace kanal::twitter
