#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "connectors/smpp/message.hpp"
#include "connectors/smpp/state.hpp"

namespace kanal::smpp {

/// What the parts of one message have in common: sender, destination, reference and their number.
using MessageKey = std::tuple<std::string, std::string, std::uint32_t, int>;

struct Parsed {
  Message message;
  std::optional<Part> part;
  [[nodiscard]] MessageKey key() const {
    return {message.source.digits, message.destination.digits, part->reference, part->total};
  }
};
std::optional<Parsed> parse(const Raw& raw);

/// A message of which parts are missing.
struct Partial {
  Held held;
  MessageKey key;
  std::map<int, std::size_t> places;  ///< in `held.parts`, by the numbers of the parts
  std::size_t bytes = 0;
  [[nodiscard]] const std::string& sender() const { return std::get<0>(key); }
  [[nodiscard]] bool is_whole() const {
    return static_cast<int>(places.size()) == std::get<3>(key);
  }
};

/// All of them stand in the cursor, which is written anew with each turn.
inline constexpr std::size_t k_most_partials = 2000;
inline constexpr std::size_t k_most_partial_bytes = 1U << 20U;
inline constexpr std::size_t k_most_partials_of_one = 10;

/// The partial messages of a channel, in the order in which they began.
class Partials {
 public:
  using Place = std::list<Partial>::iterator;

  explicit Partials(std::vector<Held> held);
  [[nodiscard]] std::vector<Held> held() const;

  std::optional<Place> find(const MessageKey& key);
  std::optional<Place> oldest();
  /// Which one gives way, when there are more than may wait: the oldest of a sender who has more
  /// than k_most_partials_of_one, else of the one who has most.
  std::optional<Place> surplus();

  Place begin(const MessageKey& key, Time at);
  void add(Place place, const Raw& part, int number);
  Partial take(Place place);

 private:
  struct Share {
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };
  Place greediest(std::size_t Share::*by);

  std::list<Partial> all_;
  std::map<MessageKey, Place> by_key_;
  std::map<std::string, Share> shares_;  ///< by sender
  std::set<std::string> crowding_;       ///< senders of more than one may have
  std::size_t bytes_ = 0;
};

}  // namespace kanal::smpp
