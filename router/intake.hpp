#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/keys.hpp"
#include "connectors/connector.hpp"
#include "core/post.hpp"
#include "core/result.hpp"
#include "router/filing.hpp"
#include "router/pipeline.hpp"
#include "store/store.hpp"

namespace kanal {

/// Unpredictable numbers for new reports.
std::vector<TrackingCode> draw_tracking_codes(std::size_t count);

/// The one way from posts to reports, for what is polled, imported and pushed. Thread-safe.
class Intake {
 public:
  Intake(Store& store, const Organisation& organisation, const Clock& clock);
  ~Intake();
  /// Declares a channel; posts of undeclared channels are refused.
  void know(ChannelRules rules);
  /// From now on what is submitted while the store is away is kept in this directory, sealed, and
  /// stored once the store is back, under the numbers that its senders were told.
  Result<> keep_unstored_in(const std::filesystem::path& directory, const Keys& keys);
  /// One turn of a polled channel.
  Result<Ingested> ingest(const ChannelName& channel, Batch batch, std::optional<Lease> lease);
  /// The same for a mass of posts that move no cursor: those that have nothing to do with each
  /// other are worked at once. Filings come in any order; after an error `into` has those of what
  /// was stored all the same.
  Result<> ingest_mass(const ChannelName& channel, Batch batch, Ingested& into);
  /// A request's posts, committed together with others that arrive meanwhile; `done` is called
  /// once, on an intake thread, when they are stored or kept. Spooled files that were not taken are
  /// removed.
  void submit(const ChannelName& channel, Received received,
              std::function<void(Result<Ingested>)> done);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal
