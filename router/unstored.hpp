#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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

  /// The number for what is made of a post: always the same for the same words under the same id,
  /// and nobody's to guess without the key, so that who sends them once more is told no other one.
  [[nodiscard]] TrackingCode code_of(const ChannelName& channel, const Post& post) const;
  /// It outlives a cut of the power once this returns; what is here already under the same numbers
  /// is kept once. The posts' files are copied; fails, and keeps nothing, where the disk has no
  /// room.
  Result<> keep(const Kept& kept);
  /// Names, the earliest first.
  [[nodiscard]] std::vector<std::string> names() const;
  /// Its posts' files are the caller's to move. drop: what stands there was not written with this
  /// key, or is broken.
  [[nodiscard]] Result<Kept> read(const std::string& name) const;
  void forget(const std::string& name);
  /// Out of the way of the others; it stays for a person to look at.
  void set_apart(const std::string& name);
  [[nodiscard]] std::size_t count() const;

 private:
  Unstored(std::filesystem::path directory, const Keys& keys);
  void find();
  [[nodiscard]] std::string next_name();
  Result<> write(const std::string& name, Kept& kept);
  [[nodiscard]] Result<Kept> open_kept(const std::string& name) const;
  [[nodiscard]] std::filesystem::path path(const std::string& name, std::string_view ending) const;
  void take_out(const std::string& name);
  void put_in(const std::string& name, const Kept& kept);
  [[nodiscard]] bool has(const Kept& kept) const;

  const std::filesystem::path directory_;
  const Keys& keys_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<TrackingCode>> entries_;
  std::multiset<TrackingCode> codes_;
  std::int64_t newest_ = 0;  ///< among the numbers that names begin with
};

/// A post as it is, with every hint; the post form of the interfaces page has fewer.
std::string print_whole(const Post& post);
Result<Post> read_whole(std::string_view json);

}  // namespace kanal
