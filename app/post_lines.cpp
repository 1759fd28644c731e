#include "app/post_lines.hpp"

#include <fstream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "app/prompt.hpp"

namespace kanal::app {

namespace {

constexpr std::size_t k_most_line_bytes = 4U << 20U;
constexpr std::uintmax_t k_most_file_bytes = 25U << 20U;
constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

// Beside another user's bridge, root's files may be out of reach.
std::string why_unreadable(const std::error_code& error) {
  if (error != std::errc::permission_denied) return error.message();
  const auto* self = ::getpwuid(::geteuid());
  return "the user '" + std::string(self == nullptr ? "?" : self->pw_name) + "' may not read it";
}

}  // namespace

PostLines::PostLines(std::istream& input, std::string channel, std::filesystem::path base)
    : input_(input), channel_(std::move(channel)), base_(std::move(base)) {}

bool PostLines::next_line(bool& whole) {
  line_.clear();
  whole = true;
  auto* from = input_.rdbuf();
  try {
    for (auto c = from->sbumpc(); c != std::char_traits<char>::eof(); c = from->sbumpc()) {
      if (c == '\n') return true;
      if (line_.size() < k_most_line_bytes) {
        line_ += static_cast<char>(c);
      } else {
        whole = false;
      }
    }
  } catch (const std::ios_base::failure&) {
    input_.setstate(std::ios_base::badbit);
  }
  return !line_.empty() && !broke_off(input_);
}

std::optional<PostLines::Line> PostLines::next() {
  for (bool whole = true; next_line(whole);) {
    ++number_;
    if (number_ == 1 && line_.starts_with(k_byte_order_mark)) {
      line_.erase(0, k_byte_order_mark.size());
    }
    if (line_.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto read =
        whole ? reader_.read(line_) : fail(Remedy::drop, "longer than 4 MB; only its head is kept");
    std::string note;
    if (read) {
      if (const auto loaded = load_files(read->post, note); !loaded) {
        read = tl::unexpected(loaded.error());
      }
    }
    const auto where = "line " + std::to_string(number_) + ": ";
    if (!read) {
      read.error().message.insert(0, where);
      return Line{line_, std::move(read), {}};
    }
    const auto& said = read->channel;
    if (!said.empty() && said != channel_ && strange_channels_.insert(said).second) {
      note += (note.empty() ? "" : "; ") + ("says the channel \"" + said +
                                            "\"; such posts are taken as of \"" + channel_ + "\"");
    }
    return Line{line_, std::move(read), note.empty() ? "" : where + note};
  }
  return std::nullopt;
}

Result<> PostLines::load_files(Post& post, std::string& note) const {
  std::erase_if(post.attachments, [&](const Attachment& each) {
    if (!each.file.empty()) return false;
    note += (note.empty() ? "" : "; ") +
            ("the attachment \"" + each.name + "\" has no path: the post is taken without it");
    return true;
  });
  for (auto& attachment : post.attachments) {
    const auto path = attachment.file.is_relative() ? base_ / attachment.file : attachment.file;
    const auto wrong = [&](const std::string& what) {
      return fail(Remedy::drop, "the attachment " + path.string() + " " + what);
    };
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) return wrong("cannot be read: " + why_unreadable(error));
    if (size > k_most_file_bytes) return wrong("is larger than 25 MB");
    std::ifstream file(path, std::ios::binary);
    const std::error_code refused(errno, std::generic_category());
    if (!file) return wrong("cannot be read: " + why_unreadable(refused));
    std::ostringstream bytes;
    bytes << file.rdbuf();
    attachment.bytes = bytes.str();
    attachment.size_bytes = attachment.bytes.size();
  }
  return {};
}

}  // namespace kanal::app
