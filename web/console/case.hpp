#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "web/console/acts.hpp"
#include "web/console/desk.hpp"

namespace kanal::console {

/// A report as its page shows it, with all that hangs on it.
struct Case {
  Report report;
  View view;
  std::vector<ActForm> forms;
  std::vector<PostRecord> posts;  ///< the first, and the newest thousand
  std::vector<OutboxRecord> replies;
  [[nodiscard]] std::string address() const;
};

/// What was tried on the page, to be shown again with it.
struct Attempt {
  std::optional<Typed> typed;
  std::string problem;
  bool outdated = false;           ///< somebody else was faster
  bool lost_files = false;         ///< files were chosen, and no page can choose them again
  std::optional<Author> identity;  ///< just looked up, and recorded
  std::string preview = {};        ///< of what is typed, drawn
};

/// By tracking code or number; nothing when there is none that the officer may see.
Result<std::optional<Case>> find_case(const Visit& visit, const std::string& name);
Result<Response> draw_case(const Visit& visit, const Case& shown, int status,
                           const Attempt& attempt = {});

/// Empty when there is none. Each is looked up once; `known` keeps them.
std::string officer_name(const Visit& visit, OfficerId id, std::map<OfficerId, std::string>& known);
/// The channel of a reply, and the office that it goes to if it goes to one.
std::string way_words(const Visit& visit, const Reply& reply);

/// What a reply tells of: the step that owed it, where the history has that, else the state
/// reached.
std::string reply_name(const Visit& visit, const Reply& reply, std::span<const Entry> history);
/// "2 SMS · 700 IDR"; without the cost when no price is set.
std::string segments_words(const Visit& visit, const ChannelName& name, std::int64_t segments);
/// How far a reply is, by which way, since when and why; for its row here and in the outbox.
void draw_outcome(const Visit& visit, Block row, const OutboxRecord& record);

/// Adds one to the block's pictures or to its other files, sections of the template that begin when
/// they are needed. A section that is not filled shows what the block around it has under its name.
class FileGroups {
 public:
  FileGroups(std::string_view language, Block block, const char* pictures, const char* files)
      : language_(language), block_(block), pictures_name_(pictures), files_name_(files) {}
  void add(const Attachment& attachment, std::string_view address);

 private:
  std::string language_;
  Block block_;
  const char* pictures_name_;
  const char* files_name_;
  std::optional<Block> pictures_;
  std::optional<Block> files_;
};

/// Whether what is written into the form is told, so that it can be shown how it would arrive.
bool can_preview(const ActForm& form);
/// The piece of the page that shows how what is typed would arrive.
Result<std::string> draw_preview(const Visit& visit, const Case& shown, const ActForm& form,
                                 const Typed& typed);
/// The same while nothing is.
std::string no_preview(const Visit& visit, Event event);

// Parts of the page.
void draw_acts(const Visit& visit, Block page, const Case& shown, const Attempt& attempt);
Result<> draw_history(const Visit& visit, Block page, const Case& shown);
void draw_posts(const Visit& visit, Block page, const Case& shown);
void draw_replies(const Visit& visit, Block page, const Case& shown);

}  // namespace kanal::console
