#pragma once

#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "store/attachments.hpp"
#include "store/notifier.hpp"
#include "store/pool.hpp"
#include "store/search.hpp"
#include "store/store.hpp"

namespace kanal {

/// No list has more.
inline constexpr int k_most_rows = 1000;

/// What the calls of Store share.
struct Store::Inside {
  Inside(StoreOptions given, std::string url, const Keys& its_keys, const Clock& its_clock)
      : keys(its_keys),
        clock(its_clock),
        pool(url, given.connections),
        attachments(given.attachments),
        notifier(url) {}

  /// The keyed hash by which somebody is found on a channel.
  [[nodiscard]] Digest lookup(const ChannelName& channel, std::string_view who) const;
  [[nodiscard]] Digest lookup(const ChannelName& channel, const HandedTo& office) const;
  [[nodiscard]] Digest alias(const ChannelName& channel, std::string_view what) const;

  Keys keys;
  const Clock& clock;
  sql::Pool pool;
  WordIndex words{pool};
  AttachmentFiles attachments;
  /// Held shared while a commit names files, alone while files are taken away.
  std::shared_mutex files;
  Notifier notifier;

  struct Claims {
    std::mutex mutex;
    /// The claim under which this process holds an outbox row.
    std::unordered_map<std::int64_t, int> held;
    /// Where the owed rows of a channel begin: the index entries before are dead and slow to skip.
    struct Floor {
      Time due_at;
      Time until;
    };
    std::unordered_map<std::string, Floor> floors;
  } claims;
};

/// Ids of the far side, short enough for an index; what is cut off is kept as a hash.
std::string key_of(const ExternalId& id);

/// A fingerprint by which a repeated text is found; letter case and white space do not count.
std::int64_t text_hash(std::string_view text);

std::string seal_author(const Keys& keys, const Author& author);
Result<Author> unseal_author(const Keys& keys, std::string_view sealed);

/// Offices stand among the reporters, so that what is owed to them is kept and told apart like all
/// else; no post has one for its author.
Author author_of(const HandedTo& office);
std::optional<HandedTo> office_of(const Author& author);

}  // namespace kanal
