#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/post.hpp"
#include "core/result.hpp"
#include "router/filing.hpp"
#include "router/stages.hpp"
#include "store/store.hpp"

namespace kanal {

/// Part of a turn that is committed together.
struct Portion {
  std::vector<Post> posts;
  std::vector<Unreadable> unreadable;
  std::vector<Signal> signals;
  std::optional<Cursor> next;
  std::optional<Lease> lease;
  std::optional<Filed> aside = {};  ///< for quarantine, with its files
  /// The same at each try, as senders may be told them before a commit; else drawn anew.
  std::map<ExternalId, TrackingCode> codes = {};
  bool told_codes = false;  ///< the senders know them already
};

/// Gets portions committed: gathers evidence, decides, commits; again when the evidence is
/// outdated; in halves where a portion fails, until the guilty post stands alone in quarantine.
/// Thread-safe.
class Settling {
 public:
  Settling(Store& store, const Organisation& organisation, const Clock& clock);
  void know(ChannelRules rules);
  /// Null for a channel that is not declared.
  std::shared_ptr<const ChannelRules> rules(const ChannelName& name);
  /// `into` gains what was stored, even after an error; what was not is left in the portion.
  Result<> settle(const ChannelRules& channel, Portion& portion, Ingested& into);

 private:
  Result<> settle_halves(const ChannelRules& channel, Portion& portion, Ingested& into);
  Result<> attempt(const ChannelRules& channel, Portion& portion, Ingested& into);
  Result<Decided> judge(const ChannelRules& channel, Portion& portion);
  Result<> isolate(const ChannelRules& channel, Portion& portion, const Error& error,
                   Ingested& into);

  Store& store_;
  const Organisation& organisation_;
  const Clock& clock_;
  std::shared_mutex channels_mutex_;
  std::map<ChannelName, std::shared_ptr<const ChannelRules>> channels_;
};

}  // namespace kanal
