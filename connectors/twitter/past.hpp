#pragma once

#include <optional>

#include "connectors/connector.hpp"
#include "connectors/twitter/item.hpp"
#include "connectors/twitter/questions.hpp"
#include "connectors/twitter/queue.hpp"
#include "core/clock.hpp"

namespace kanal::twitter {

/// Reads once more what called us in the past, by the recent search.
class Past {
 public:
  Past(const Settings& settings, const Clock& clock, Questions& questions, const Items& items,
       Pictures& pictures)
      : settings_(settings),
        clock_(clock),
        questions_(questions),
        items_(items),
        queue_(pictures) {}

  /// What called us between two times, oldest first. `after`: the last that was given out, and
  /// moves with it; `Batch::more` while there is more between them.
  Result<Batch> read(Time from, Time to, TweetId& after, Budget budget);
  /// Of a time that `read` has not come through yet.
  [[nodiscard]] int pages_read() const { return hunting_ ? hunting_->hunt.pages : 0; }

 private:
  /// A time whose pages are being read.
  struct Hunting {
    Time from;
    Time asked_from;
    Hunt hunt;
  };
  /// A time, and how far it has been given out.
  struct Stretch {
    Time from;
    TweetId after = 0;
    friend bool operator==(const Stretch&, const Stretch&) = default;
  };
  /// Whether all of it is in the queue.
  Result<bool> fetch(Time from, Time to, TweetId after);
  Result<bool> turn_page(Time to);

  const Settings& settings_;
  const Clock& clock_;
  Questions& questions_;
  const Items& items_;
  std::optional<Hunting> hunting_;
  Queue queue_;
  std::optional<Stretch> queued_;  ///< what the queue is of
};

}  // namespace kanal::twitter
