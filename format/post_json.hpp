#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal {

/// A line of a file. `truth`: what a labelled file says the post is, as raw JSON; empty when
/// absent. It is handed on and not looked at.
struct LabelledPost {
  Post post;
  std::string channel;
  std::string truth;
};

/// Reads the post form of the interfaces page, one line at a time; unknown keys are refused with
/// their name, and so are keys that are there twice. Reuses its buffers: not for two threads.
class PostReader {
 public:
  PostReader();
  ~PostReader();
  Result<LabelledPost> read(std::string_view line);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// The same form; what is printed can be read again.
std::string print_post(const Post& post, std::string_view channel, std::string_view truth = {});

}  // namespace kanal
