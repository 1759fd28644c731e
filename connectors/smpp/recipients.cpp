#include "connectors/smpp/recipients.hpp"

namespace kanal::smpp {
namespace {

constexpr std::size_t k_most = 20'000;

}  // namespace

void Recipients::remember(const ExternalId& id, std::string_view number) {
  if (id.empty()) return;
  const bool is_new = numbers_.insert_or_assign(id.value(), std::string(number)).second;
  if (!is_new) std::erase(ids_, id.value());
  ids_.push_back(id.value());
  while (ids_.size() > k_most) {
    numbers_.erase(ids_.front());
    ids_.pop_front();
  }
}

const std::string* Recipients::find(const ExternalId& id) const {
  const auto found = numbers_.find(id.value());
  return found == numbers_.end() ? nullptr : &found->second;
}

}  // namespace kanal::smpp
