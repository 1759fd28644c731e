#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/visibility.hpp"
#include "web/ability.hpp"
#include "web/console/live.hpp"
#include "web/console/page.hpp"
#include "web/parts.hpp"
#include "web/session.hpp"
#include "web/sign_in.hpp"

namespace kanal::console {

/// So much of a message's raw form is shown.
inline constexpr std::size_t k_most_shown_bytes = 256U << 10U;

/// What all pages of the console stand on.
struct Desk {
  explicit Desk(WebParts given);
  WebParts parts;
  Sessions sessions;
  SignIn sign_in;
  std::chrono::minutes utc_offset;
  Live live;
};

/// A signed-in officer's request.
struct Visit {
  Desk& desk;
  const Request& request;
  Session session;
  std::string language;

  [[nodiscard]] Viewer viewer() const { return Viewer::officer(session.actor()); }
  [[nodiscard]] bool may(Ability ability) const {
    return kanal::may(session.officer.role, ability);
  }
  [[nodiscard]] std::string_view say(std::string_view indonesian, std::string_view english) const;
  [[nodiscard]] Time now() const { return desk.parts.clock.now(); }
  [[nodiscard]] const Organisation& organisation() const { return desk.parts.organisation; }
  [[nodiscard]] std::string date(Time time) const;   ///< "2 Januari 2026, 10.04"
  [[nodiscard]] std::string brief(Time time) const;  ///< as short_date
  /// What people call a channel: its kind, and its name where there are several.
  [[nodiscard]] std::string channel(const ChannelName& name) const;
  /// Those that run here, then all others that ever were.
  [[nodiscard]] Result<std::vector<ChannelName>> channels() const;
  /// A template's page, with the form token in it.
  [[nodiscard]] Page page(const char* file) const;
};

/// An answer with the headers that every page has.
Response answer(const Request& request, int status, std::string html);
/// The page inside the frame. `here`: the address that shows it again; that of the request when
/// empty.
Response answer(const Visit& visit, int status, std::string_view title, const Page& page,
                std::string_view here = {});
/// The same for who is not signed in.
Response answer_stranger(const Organisation& organisation, const Request& request, int status,
                         std::string_view title, const Page& page, std::string_view here = {});
/// A page that only says something, with a way back.
Response tell(const Visit& visit, int status, std::string_view title, std::string_view text,
              std::string_view back = "/console");
Response missing(const Visit& visit);
/// Why the officer does it, as the field of a form says it; empty when they did not say.
std::string reason_given(const Visit& visit, std::string_view field = "reason");
/// That nothing was done, for want of a reason.
Response ask_reason(const Visit& visit, std::string_view back);
/// That trying again helps, of what failed outside.
std::string_view busy_words(std::string_view language);
/// Something outside failed; says when trying again helps, and gives back what was written.
Response failure(const Visit& visit, const Error& error);
/// What was drawn, or that something outside failed.
Response outcome(const Visit& visit, Result<Response> drawn);
/// Shows `key`'s words at the top of the page that `address` leads to.
Response done(std::string address, std::string_view key);
/// Puts what went wrong under this name, and what was said of it in English into AS_SAID.
void draw_trouble(const Visit& visit, Block block, const char* name, std::string_view said);
/// Puts the words of the query's `done` into the page's NEWS, if they are known.
void draw_news(const Visit& visit, Block page);

/// A positive number and nothing else.
std::optional<std::int64_t> number_in(std::string_view text);
/// Whether an open page asks by itself, to show what has changed.
bool is_refresh(const Request& request);
/// The page that shows the form of an address that forms are sent to.
std::string page_of(std::string_view path);
/// Whether `address` leads to a page of ours and nowhere else.
bool is_own_address(std::string_view address);
/// The page's address, with its query and `name` added to it or replaced in it.
std::string with_field(const Request& request, std::string_view path, std::string_view name,
                       std::string_view value);

using Handler = std::function<Response(Visit&)>;
/// One that draws, or says what failed outside.
Handler guarded(Result<Response> (*draw)(const Visit&));
using SharedDesk = std::shared_ptr<Desk>;

/// An address for officers that have the ability; others are sent to sign in, or refused.
Route page_route(const SharedDesk& desk, std::string pattern, Ability ability, Handler handle);
/// The same for forms, whose token is checked.
Route form_route(const SharedDesk& desk, std::string pattern, Ability ability, Handler handle);
/// And for forms with files, of so many bytes in all.
Route upload_route(const SharedDesk& desk, std::string pattern, Ability ability,
                   std::uint64_t most_bytes, Handler handle);
/// For every officer.
Route page_route(const SharedDesk& desk, std::string pattern, Handler handle);
Route form_route(const SharedDesk& desk, std::string pattern, Handler handle);

// The addresses of each part.
void add_login(std::vector<Route>& routes, const SharedDesk& desk);
void add_inbox(std::vector<Route>& routes, const SharedDesk& desk);
void add_spam(std::vector<Route>& routes, const SharedDesk& desk);
void add_report(std::vector<Route>& routes, const SharedDesk& desk);
void add_messages(std::vector<Route>& routes, const SharedDesk& desk);
void add_senders(std::vector<Route>& routes, const SharedDesk& desk);
void add_quarantine(std::vector<Route>& routes, const SharedDesk& desk);
void add_channels(std::vector<Route>& routes, const SharedDesk& desk);
void add_outbox(std::vector<Route>& routes, const SharedDesk& desk);
void add_officers(std::vector<Route>& routes, const SharedDesk& desk);

}  // namespace kanal::console
