#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/sandbox/http_face.hpp"
#include "tests/sandbox/twitter/world.hpp"

namespace kanal::sandbox::twitter {

/// Pictures on their way: "initialize", then "append" piece by piece in order, then "finalize"
/// (X API v2, "Media upload"). Pieces come as multipart/form-data or as JSON with base64.
class Uploads {
 public:
  /// `step`: the last part of the address.
  Answer take(const Request& request, const std::string& step, const std::string& id);
  /// What GET /2/media/upload?command=STATUS is told.
  [[nodiscard]] Answer status(const std::string& id) const;
  /// A finished one, for a post that names it; nothing when it is none.
  [[nodiscard]] std::optional<Picture> finished(const std::string& id) const;

 private:
  struct Upload {
    std::string type;
    std::size_t total = 0;
    std::string bytes;
    int next_segment = 0;
    bool done = false;
  };
  Answer begin(const Request& request);
  static Answer append(const Request& request, Upload& upload);
  std::map<std::string, Upload> uploads_;
};

}  // namespace kanal::sandbox::twitter
