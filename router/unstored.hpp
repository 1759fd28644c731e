#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/keys.hpp"
#include "connectors/connector.hpp"
#include "core/id.hpp"
#include "core/result.hpp"

namespace kanal {

/// What was pushed here while the store was away: on this machine's disk, sealed and synced, until
/// it is stored. One process at a time; its functions may be called from many threads.
class Unstored {
 public:
  struct Kept {
    ChannelName channel;
    Received received;
    std::vector<TrackingCode> codes;  ///< that the senders were told, one a post
  };

  /// Makes the directory and finds what an earlier process left there.
  static Result<std::unique_ptr<Unstored>> open(std::filesystem::path directory, const Keys& keys);

  /// The number for what is made of a post: always the same, and nobody's to guess without the key,
  /// so that who sends it once more is told no second one.
  [[nodiscard]] TrackingCode code_of(const ChannelName& channel, const ExternalId& id) const;
  /// It outlives a cut of the power once this returns; the posts' files move along. Fails, and
  /// keeps nothing, where the disk has no room for it.
  Result<> keep(const Kept& kept);
  /// Names, the earliest first.
  [[nodiscard]] std::vector<std::string> earliest(std::size_t most) const;
  /// drop: what stands there was not written with this key, or is broken.
  [[nodiscard]] Result<Kept> read(const std::string& name) const;
  /// With the `files` that its posts had, as far as nobody took them.
  void forget(const std::string& name, std::size_t files);
  /// Out of the way of the others; it stays for a person to look at.
  void set_apart(const std::string& name);
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  Unstored(std::filesystem::path directory, const Keys& keys);
  void sweep();
  Result<> write(const std::string& name, Kept& kept);

  const std::filesystem::path directory_;
  const Keys& keys_;
  std::atomic<std::size_t> count_{0};
};

/// A post as it is, with every hint; the post form of the interfaces page has fewer.
std::string print_whole(const Post& post);
Result<Post> read_whole(std::string_view json);

}  // namespace kanal
