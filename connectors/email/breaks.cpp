#include "connectors/email/breaks.hpp"

#include <algorithm>

namespace kanal::email {
namespace {

constexpr int k_breaks_of_bad_luck = 1;
constexpr int k_most_breaks = 5;

}  // namespace

void Breaks::note(const std::vector<Uid>& mails) {
  if (mails.empty()) return;
  in_a_row_ = first_ == mails.front() ? in_a_row_ + 1 : 1;
  first_ = mails.front();
  last_ = std::max(last_, mails.back());
}

bool Breaks::one_by_one_behind(Uid last) const {
  return in_a_row_ > k_breaks_of_bad_luck && last < last_;
}

int Breaks::given_up_after(Uid mail) const {
  return mail == first_ && in_a_row_ >= k_most_breaks ? in_a_row_ : 0;
}

}  // namespace kanal::email
