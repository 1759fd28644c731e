#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace kanal::sandbox {

/// A request that a far side makes to the bridge.
struct Parcel {
  std::string method = "POST";
  std::string url;
  std::string type;
  std::string body;
  /// Asked anew at each try, as signatures grow old.
  std::function<std::map<std::string, std::string>()> headers = {};
};

/// Brings parcels to the bridge in their order, on a thread of its own. One that is not taken just
/// now (no answer, 408, 429, 5xx) is brought again after a second, behind the others, a hundred
/// times at most; what still waits when it ends is lost.
class Courier {
 public:
  Courier();
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  /// `told` hears the last status, 0 when there was no answer; on the courier's thread.
  void carry(Parcel parcel, std::function<void(int status)> told = {});

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal::sandbox
