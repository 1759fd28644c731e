#include "core/lifecycle.hpp"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/wording.hpp"

namespace kanal {
namespace {

constexpr int k_events = static_cast<int>(Event::correct) + 1;
constexpr int k_roles = static_cast<int>(Role::auditor) + 1;
constexpr int k_wordings = static_cast<int>(Wording::asked) + 1;
constexpr int k_states = static_cast<int>(State::rejected) + 1;

std::string roles_of(const Move& move) {
  std::string roles;
  for (int role = 0; role < k_roles; ++role) {
    if (!move.who.has(static_cast<Role>(role))) continue;
    if (!roles.empty()) roles += ", ";
    roles += name(static_cast<Role>(role));
  }
  return roles;
}

// The values are those that whoever asks for another one is told of.
void write_wordings(std::ostringstream& out) {
  const auto values = unknown_value("{}");
  out << "\n## Wordings\n\n"
         "Texts of one's own are put into the organisation's file, below `[wordings]`, by\n"
         "`wording.language[.length][@channel]`, such as `\"received.id.short@sms\"`. Languages "
         "are "
         "`id` and `en`,\nlengths `short` (text messages), `medium` (posts) and `long`. `{value}` "
         "stands for a value,\n`{one|other}` for the first of these that there is; what stands in "
         "`[ ]` is left out where a value in it\nis missing. No reply has all values. There are:\n"
         "`"
      << values.substr(values.find('{', values.find(';')))
      << "`.\n\n| wording | its subject in mails |\n|---|---|\n";
  for (int index = 1; index < k_wordings; ++index) {
    const auto wording = static_cast<Wording>(index);
    out << "| " << name(wording) << " | " << word(wording, "en", Length::full, {}, {}).subject
        << " |\n";
  }
}

std::string document() {
  std::ostringstream out;
  out << "# The lifecycle of a report\n\n"
         "Made from the table in `core/lifecycle.cpp`; `KANAL_WRITE_DOCS=1 core_test` writes it "
         "anew.\nTimers: how many working days each runs is the organisation's `deadlines`.\n";
  State last = State::rejected;
  bool first = true;
  auto moves = std::vector<Move>(lifecycle().begin(), lifecycle().end());
  std::stable_sort(moves.begin(), moves.end(),
                   [](const Move& a, const Move& b) { return a.from < b.from; });
  for (const auto& move : moves) {
    if (first || move.from != last) {
      out << "\n## " << name(move.from)
          << "\n\n| event | then | who | timer | the reporter is told |\n|---|---|---|---|---|\n";
    }
    first = false;
    last = move.from;
    out << "| " << name(move.event) << " | " << name(move.to) << " | " << roles_of(move) << " | "
        << (move.keeps_timer ? "runs on" : name(move.timer)) << " | "
        << (move.wording == Wording::none ? "" : name(move.wording)) << " |\n";
  }
  write_wordings(out);
  return out.str();
}

TEST_CASE("names of states, events, roles and wordings read back") {
  for (int index = 0; index < k_states; ++index) {
    const auto state = static_cast<State>(index);
    CHECK(state_of(name(state)) == state);
  }
  for (int index = 0; index < k_events; ++index) {
    const auto event = static_cast<Event>(index);
    CHECK(event_of(name(event)) == event);
  }
  for (int index = 0; index < k_roles; ++index) {
    const auto role = static_cast<Role>(index);
    CHECK(role_of(name(role)) == role);
  }
  for (int index = 0; index < k_wordings; ++index) {
    const auto wording = static_cast<Wording>(index);
    CHECK(wording_of(name(wording)) == wording);
  }
  CHECK_FALSE(state_of("somewhere"));
}

TEST_CASE("every state can be left or is an end that a person can undo") {
  for (int index = 0; index < k_states; ++index) {
    const auto state = static_cast<State>(index);
    const auto leaves = std::any_of(lifecycle().begin(), lifecycle().end(), [&](const Move& move) {
      return move.from == state && move.to != state;
    });
    INFO(name(state));
    CHECK(leaves);
  }
}

TEST_CASE("a move that keeps its timer leaves the work undone, one that ends sets none") {
  for (const auto& move : lifecycle()) {
    INFO(name(move.from) << " " << name(move.event));
    // A unit is named anew within the time that its agency has.
    if (move.keeps_timer && move.event != Event::dispose) CHECK(move.from == move.to);
    if (move.to == State::closed || move.to == State::archived || move.to == State::merged) {
      if (!move.keeps_timer) CHECK(move.timer == Timer::none);
    }
  }
}

TEST_CASE("that a report is not ours never closes it") {
  for (const auto& move : lifecycle()) {
    if (move.event == Event::give_back) CHECK(move.to == State::returned);
  }
}

TEST_CASE("a completed report goes back to where it was held") {
  CHECK(find_move(State::needs_info, Event::complete, Role::reporter, false)->to ==
        State::received);
  CHECK(find_move(State::needs_info, Event::complete, Role::reporter, true)->to ==
        State::at_agency);
}

TEST_CASE("no sequence of events leaves the table") {
  const bool held = rc::check([](const std::vector<std::uint16_t>& choices, bool has_agency) {
    std::set<std::pair<State, State>> edges;
    for (const auto& move : lifecycle()) edges.emplace(move.from, move.to);
    auto state = State::received;
    for (const auto choice : choices) {
      const auto event = static_cast<Event>(choice % k_events);
      const auto role = static_cast<Role>(choice / k_events % k_roles);
      const auto move = find_move(state, event, role, has_agency);
      if (!move) continue;
      RC_ASSERT(move->from == state);
      RC_ASSERT(move->who.has(role));
      RC_ASSERT(edges.contains({state, move->to}));
      state = move->to;
    }
  });
  CHECK(held);
}

TEST_CASE("only the reporter disputes, confirms and rates") {
  for (const auto& move : lifecycle()) {
    if (move.event != Event::dispute && move.event != Event::confirm && move.event != Event::rate) {
      continue;
    }
    CHECK(roles_of(move) == "reporter");
  }
}

TEST_CASE("the document of the lifecycle is the table's") {
  const std::string path = std::string(KANAL_SOURCE) + "/docs/lifecycle.md";
  if (std::getenv("KANAL_WRITE_DOCS") != nullptr) std::ofstream(path) << document();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == document());
}

}  // namespace
}  // namespace kanal
