#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "app/home.hpp"
#include "config/keys.hpp"
#include "format/json.hpp"

namespace kanal::app {

/// The far sides that a demonstration needs: `kanal-sandbox`, as found beside our own program, once
/// for each kind of channel, on loopback ports that the system gives. Below `DATA/demo` stand the
/// channels' settings, which other commands find there, and what the far sides say. To be used by
/// the main thread, with which they end.
class Demonstration {
 public:
  static constexpr std::string_view k_number = "1708";  ///< that citizens text to
  static constexpr std::string_view k_gateway_number = "1709";
  /// Names of the channels that far sides post to.
  static constexpr std::string_view k_gateway = "gateway";
  static constexpr std::string_view k_webhook = "pdam";

  /// Starts the far sides; does not wait for them. Without a `kanal-sandbox` there are none.
  static Outcome<std::unique_ptr<Demonstration>> start(const std::filesystem::path& data);
  ~Demonstration();
  Demonstration(const Demonstration&) = delete;
  Demonstration& operator=(const Demonstration&) = delete;

  /// Waits until they are ready; gives `prepared` a channel of each kind and, where it has no
  /// organisation of its own, offices that are handed reports by each. `bridge`: where far sides
  /// reach it.
  Outcome<> take_over(Prepared& prepared, const Keys& keys, const std::string& bridge);
  /// Starts those again that have ended, on their old ports. What they knew is gone.
  void revive();
  /// What a far side said when it was ready ("control", "handle" …); empty when there is none.
  [[nodiscard]] std::string said(std::string_view kind, std::string_view key) const;
  /// Of the office that is handed reports by mail; empty when there is none.
  [[nodiscard]] std::string office_address() const;
  /// The key that applications post to /open311/v2 with.
  [[nodiscard]] static std::string application_key(const Keys& keys);

 private:
  struct FarSide {
    pid_t child = -1;
    Json ready;
    std::chrono::steady_clock::time_point started;
  };
  explicit Demonstration(const std::filesystem::path& data);
  Outcome<> start(const std::string& kind, FarSide& far_side);
  Outcome<> await(const std::string& kind, FarSide& far_side) const;
  [[nodiscard]] std::string channels(const std::string& bridge) const;
  [[nodiscard]] std::string organisation() const;
  Outcome<> keep_secrets(const Keys& keys) const;

  std::filesystem::path directory_;
  std::filesystem::path program_;
  std::map<std::string, FarSide, std::less<>> far_sides_;
};

/// Where a demonstration that runs in `data` keeps its channels' settings.
std::filesystem::path demonstration_settings(const std::filesystem::path& data);

}  // namespace kanal::app
