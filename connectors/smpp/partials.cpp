#include "connectors/smpp/partials.hpp"

#include <algorithm>
#include <utility>

namespace kanal::smpp {

std::optional<Parsed> parse(const Raw& raw) {
  auto message = parse_message(raw.command, raw.body);
  if (!message) return std::nullopt;
  const auto part = content_of(*message).part;
  return Parsed{std::move(*message), part};
}

Partials::Partials(std::vector<Held> held) {
  for (const auto& each : held) {
    if (each.parts.empty()) continue;
    const auto first = parse(each.parts.front());
    // What another version took for a part and this one does not is told in its time all the same.
    const auto place = begin(first && first->part ? first->key() : MessageKey(), each.first_at);
    for (const auto& raw : each.parts) {
      const auto parsed = parse(raw);
      add(place, raw, parsed && parsed->part ? parsed->part->number : 0);
    }
  }
}

std::vector<Held> Partials::held() const {
  std::vector<Held> held;
  held.reserve(all_.size());
  for (const auto& partial : all_) held.push_back(partial.held);
  return held;
}

std::optional<Partials::Place> Partials::find(const MessageKey& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

std::optional<Partials::Place> Partials::oldest() {
  if (all_.empty()) return std::nullopt;
  return all_.begin();
}

std::optional<Partials::Place> Partials::surplus() {
  if (!crowding_.empty()) {
    return std::ranges::find(all_, *crowding_.begin(), &Partial::sender);
  }
  if (all_.size() > k_most_partials) return greediest(&Share::messages);
  if (bytes_ > k_most_partial_bytes) return greediest(&Share::bytes);
  return std::nullopt;
}

Partials::Place Partials::greediest(std::size_t Share::*by) {
  return std::ranges::max_element(
      all_, {}, [&](const Partial& partial) { return shares_.at(partial.sender()).*by; });
}

Partials::Place Partials::begin(const MessageKey& key, Time at) {
  const auto place = all_.insert(all_.end(), Partial{{at, {}}, key, {}, 0});
  by_key_.insert_or_assign(key, place);
  if (++shares_[place->sender()].messages > k_most_partials_of_one) {
    crowding_.insert(place->sender());
  }
  return place;
}

void Partials::add(Place place, const Raw& part, int number) {
  place->places[number] = place->held.parts.size();
  place->held.parts.push_back(part);
  const auto size = part.body.size();
  place->bytes += size;
  shares_[place->sender()].bytes += size;
  bytes_ += size;
}

Partial Partials::take(Place place) {
  const auto share = shares_.find(place->sender());
  bytes_ -= place->bytes;
  share->second.bytes -= place->bytes;
  if (--share->second.messages <= k_most_partials_of_one) crowding_.erase(place->sender());
  if (share->second.messages == 0) shares_.erase(share);
  if (const auto found = by_key_.find(place->key);
      found != by_key_.end() && found->second == place) {
    by_key_.erase(found);
  }
  auto taken = std::move(*place);
  all_.erase(place);
  return taken;
}

}  // namespace kanal::smpp
