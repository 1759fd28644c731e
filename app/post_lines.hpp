#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "format/post_json.hpp"

namespace kanal::app {

/// A file of posts, one a line, as `ingest` takes it in and `trace` foretells it. `input` outlives
/// it.
class PostLines {
 public:
  /// `channel`: the one that the posts come by, whatever they say themselves. `base`: where the
  /// paths of their files begin.
  PostLines(std::istream& input, std::string channel, std::filesystem::path base);

  struct Line {
    std::string_view text;  ///< until the next is asked for; of one that is too long its head
    /// With the bytes of the post's files; of one without a path nothing is kept. The error's
    /// message names the line, counted as an editor does.
    Result<LabelledPost> read;
    std::string note;  ///< what a person should know of a post that is taken all the same
  };
  /// The next line that is not blank; nothing at the end, or where reading broke off.
  std::optional<Line> next();
  /// How many lines there were so far.
  [[nodiscard]] std::size_t count() const { return number_; }

 private:
  bool next_line(bool& whole);
  [[nodiscard]] Result<> load_files(Post& post, std::string& note) const;

  std::istream& input_;
  std::string channel_;
  std::filesystem::path base_;
  PostReader reader_;
  std::string line_;
  std::size_t number_ = 0;
  std::set<std::string> strange_channels_;  ///< that a note was made of
};

}  // namespace kanal::app
