#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "app/commands.hpp"
#include "app/printable.hpp"
#include "app/rules.hpp"
#include "core/rfc3339.hpp"
#include "core/tracking_code.hpp"
#include "core/visibility.hpp"
#include "format/json.hpp"
#include "router/casework.hpp"
#include "router/files.hpp"
#include "web/words.hpp"

namespace kanal::app {

namespace {

Outcome<Report> find_report(Store& store, const std::string& text) {
  auto found = Result<std::optional<Report>>(std::nullopt);
  if (const auto code = parse_tracking_code(text)) {
    found = store.report(*code);
  } else if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
             text.size() < 12) {
    found = store.report(ReportId(std::stoll(text)));
  }
  if (!found) return stop(found.error());
  if (!*found) return stop(1, "there is no report \"" + text + "\"");
  return std::move(**found);
}

void write_file(JsonWriter& out, const Attachment& file) {
  out.begin_object().member("name", file.name);
  out.member("type", file.type);
  out.member("bytes", file.size_bytes).end_object();
}

void write_place(JsonWriter& out, const std::optional<Place>& place) {
  if (!place) {
    out.null_member("place");
    return;
  }
  out.key("place").begin_object();
  if (place->latitude && place->longitude) {
    out.member("lat", *place->latitude).member("long", *place->longitude);
  }
  if (!place->address.empty()) out.member("address", place->address);
  out.end_object();
}

void write_view(JsonWriter& out, ReportId id, const View& seen) {
  out.begin_object().member("id", id.value());
  out.member("code", seen.code.value()).member("state", name(seen.state));
  out.member("title", seen.title).member("text", seen.text);
  out.member("category", seen.category.value());
  out.member("kind", seen.kind.value());
  out.member("agency", seen.agency.value());
  out.member("unit", seen.unit.value());
  out.member("channel", seen.channel.value());
  out.member("received_at", print_rfc3339(seen.received_at));
  out.member("updated_at", print_rfc3339(seen.updated_at));
  if (seen.due_at) {
    out.member("due_at", print_rfc3339(*seen.due_at));
  } else {
    out.null_member("due_at");
  }
  out.member("overdue", seen.overdue);
  out.member("anonymous", seen.anonymous).member("confidential", seen.confidential);
  if (seen.rating) {
    out.member("rating", *seen.rating);
  } else {
    out.null_member("rating");
  }
  if (seen.support) {
    out.member("support", *seen.support);
  } else {
    out.null_member("support");
  }
  write_place(out, seen.place);
}

void write_history(JsonWriter& out, const View& seen) {
  out.key("history").begin_array();
  for (const auto& entry : seen.history) {
    out.begin_object().member("step", entry.step);
    out.member("at", print_rfc3339(entry.at)).member("event", name(entry.event));
    out.member("who", name(entry.actor.role));
    out.member("from", name(entry.from)).member("to", name(entry.to));
    out.member("reason", entry.reason);
    out.member("words", entry.words).key("files").begin_array();
    for (const auto& file : entry.files) write_file(out, file);
    out.end_array().end_object();
  }
  out.end_array();
}

// What is written to people and offices quotes the report; who may not read it learns how it went.
void write_outbox(JsonWriter& out, const std::vector<OutboxRecord>& replies, const View& seen) {
  out.key("replies").begin_array();
  for (const auto& record : replies) {
    out.begin_object().member("step", record.reply.step);
    out.member("channel", record.reply.channel.value());
    out.member("state", name(record.state));
    out.member("attempts", record.attempts);
    if (seen.may_see_attachments) {
      out.member("subject", record.reply.subject);
      out.member("text", record.reply.text);
    }
    out.member("detail", redact_detail(record.detail)).end_object();
  }
  out.end_array();
}

void print_outbox(const std::vector<OutboxRecord>& replies, const View& seen) {
  if (!replies.empty()) std::puts("\nReplies");
  for (const auto& record : replies) {
    const auto at = record.settled_at.value_or(record.due_at);
    std::printf("%3d  %s  %-14s %-12s %s%s%s\n", record.reply.step, print_rfc3339(at).c_str(),
                record.reply.channel.value().c_str(), std::string(name(record.state)).c_str(),
                seen.may_see_attachments ? printable_line(record.reply.subject).c_str() : "",
                record.detail.empty() ? "" : "  ",
                printable_line(redact_detail(record.detail)).c_str());
  }
}

void write_attachments(JsonWriter& out, const std::vector<PostRecord>& posts) {
  out.key("attachments").begin_array();
  for (const auto& post : posts) {
    for (const auto& attachment : post.attachments) {
      write_file(out, attachment);
    }
  }
  out.end_array();
}

// A message under each of what people know it by: its id, its sender, its words, its number.
Outcome<std::vector<PostRecord>> posts_known_as(Store& store, const std::string& text) {
  // Of an import that broke off beside no bridge, only the newest would be found.
  TRY(make_findable(store));
  PostFilter by_id;
  by_id.external_id = text;
  PostFilter by_sender;
  by_sender.sender = text;
  PostFilter by_words;
  by_words.words = text;
  std::vector<PostRecord> found;
  std::vector filters{by_id, by_sender, by_words};
  if (const auto code = parse_tracking_code(text)) {
    PostFilter by_code;
    by_code.code = *code;
    filters.push_back(by_code);
  }
  for (const auto& filter : filters) {
    auto posts = TRY(or_stop(store.find_posts(filter)));
    for (auto& post : posts) {
      if (std::ranges::find(found, post.id, &PostRecord::id) == found.end()) {
        found.push_back(std::move(post));
      }
    }
  }
  std::ranges::sort(found, std::ranges::greater{}, &PostRecord::id);
  return found;
}

struct Whereabouts {
  Time at;
  std::string channel;
  std::string external_id;
  std::string fate;
  std::string reason;
  std::string code;
};

void print_whereabouts(const Whereabouts& found, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().member("at", print_rfc3339(found.at));
    out.member("channel", found.channel);
    out.member("external_id", found.external_id);
    out.member("fate", found.fate);
    out.member("reason", found.reason);
    out.member("code", found.code).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%s  %-12s %-11s %-12s  %s  %s\n", print_rfc3339(found.at).c_str(),
                found.channel.c_str(), found.fate.c_str(), found.code.c_str(),
                printable_line(found.external_id).c_str(), printable_line(found.reason).c_str());
  }
}

// Where a message is; its words and its sender stay where they are.
Outcome<int> find(Home& home, const std::string& text, bool json) {
  const auto posts = TRY(posts_known_as(*home.store, text));
  QuarantineFilter known_as;
  known_as.external_id = text;
  const auto quarantined = TRY(or_stop(home.store->quarantine(known_as)));
  bool any = false;
  for (const auto& post : posts) {
    const auto report = TRY(
        or_stop(post.report ? home.store->report(post.report) : Result<std::optional<Report>>()));
    print_whereabouts(
        {post.received_at, post.channel.value(), post.external_id.value(),
         std::string(name(post.fate)), post.reason, (report ? report->code : post.code).value()},
        json);
    any = true;
  }
  for (const auto& record : quarantined) {
    const auto& id = record.external_id.value();
    const auto fate = record.discarded_at ? Fate::screened : Fate::quarantined;
    print_whereabouts(
        {record.at, record.channel.value(), id,
         std::string(name(fate)) + " as " + std::to_string(record.id.value()),
         record.discarded_at ? "set aside: " + record.discarded_why : record.reason, ""},
        json);
    any = true;
  }
  if (!any) std::fputs("No message of that id, number, sender or words has come in.\n", stderr);
  return 0;
}

Outcome<int> show(Home& home, const ReportOptions& options, bool json) {
  const auto actor = TRY(actor_of(*home.store, options.as));
  const auto report = TRY(find_report(*home.store, options.report));
  const auto history = TRY(or_stop(home.store->history(report.id)));
  const auto replies = TRY(or_stop(home.store->replies_of(report.id)));
  const auto supports = TRY(or_stop(home.store->supports({&report, 1})));
  const auto seen = view(report, history, Viewer::officer(actor), Output::api, supports.front());
  if (!seen.visible) return stop(1, "this officer may not see that report");
  if (json) {
    auto posts = TRY(or_stop(home.store->posts_of(report.id)));
    if (!seen.may_see_attachments) posts.clear();
    JsonWriter out;
    write_view(out, report.id, seen);
    write_history(out, seen);
    write_attachments(out, posts);
    write_outbox(out, replies, seen);
    out.end_object();
    std::printf("%s\n", out.text().c_str());
    return 0;
  }
  std::printf("%s  %s  %s\n%s\n\n%s\n\n", seen.code.value().c_str(),
              std::string(name(seen.state)).c_str(), seen.agency.value().c_str(),
              printable_line(seen.title).c_str(), printable_text(seen.text).c_str());
  const auto support = support_words(seen.support, "en");
  if (!support.empty()) std::printf("%s\n\n", support.c_str());
  for (const auto& entry : seen.history) {
    std::printf("%3d  %s  %-14s %-12s %s → %s  %s\n", entry.step, print_rfc3339(entry.at).c_str(),
                std::string(name(entry.actor.role)).c_str(), std::string(name(entry.event)).c_str(),
                std::string(name(entry.from)).c_str(), std::string(name(entry.to)).c_str(),
                printable_text(entry.words).c_str());
  }
  print_outbox(replies, seen);
  return 0;
}

Outcome<int> list(Home& home, const ReportOptions& options, bool json) {
  const auto actor = TRY(actor_of(*home.store, options.as));
  ReportFilter filter;
  filter.words = options.search;
  filter.most = options.most;
  // Asked of the store already, or other offices' reports would fill the number up.
  if (actor.role == Role::agency_admin) filter.agency = actor.agency;
  if (actor.role == Role::liaison) filter.unit = actor.unit;
  if (!options.state.empty()) {
    const auto state = state_of(options.state);
    if (!state) return stop(2, "there is no state \"" + options.state + "\"");
    filter.states.push_back(*state);
  }
  const bool by_words = !filter.words.empty() && !parse_tracking_code(filter.words);
  const auto reports = TRY(or_stop(home.store->find_reports(filter)));
  const auto supports = TRY(or_stop(home.store->supports(reports)));
  bool any = false;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const auto& report = reports[i];
    const auto seen = view(report, {}, Viewer::officer(actor), Output::api, supports[i]);
    // Nor does anybody find by words a report whose words they may not read.
    if (!seen.visible || (by_words && seen.text.empty() && seen.title.empty())) continue;
    any = true;
    if (json) {
      JsonWriter out;
      write_view(out, report.id, seen);
      out.end_object();
      std::printf("%s\n", out.text().c_str());
    } else {
      std::printf("%s  %s  %-12s %-12s %s\n", seen.code.value().c_str(),
                  print_rfc3339(seen.received_at).c_str(), std::string(name(seen.state)).c_str(),
                  seen.agency.value().c_str(), printable_line(seen.title).c_str());
    }
  }
  if (!any && !json) std::puts("There are no such reports.");
  return 0;
}

// Before the command goes on as the data's owner, who may not read what its user may.
Outcome<std::vector<Attachment>> read_files(const std::vector<std::string>& names) {
  std::vector<Attachment> files;
  for (const auto& name : names) {
    Attachment file;
    file.name = std::filesystem::path(name).filename().string();
    std::error_code error;
    file.size_bytes = std::filesystem::file_size(name, error);
    if (error) return stop(1, name + " cannot be read: " + error.message());
    if (file.size_bytes > k_most_line_file_bytes) return stop(1, name + " is larger than 10 MB");
    std::ifstream stream(name, std::ios::binary);
    file.bytes.assign(std::istreambuf_iterator<char>(stream), {});
    if (!stream) return stop(1, name + " cannot be read");
    files.push_back(std::move(file));
  }
  return files;
}

/// Copies of files, which an act may clean and take over.
class Copies {
 public:
  Copies() {
    auto name = (std::filesystem::temp_directory_path() / "kanal-act-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) place_ = name;
  }
  ~Copies() {
    std::error_code error;
    if (!place_.empty()) std::filesystem::remove_all(place_, error);
  }
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  [[nodiscard]] Outcome<std::vector<Attachment>> of(std::vector<Attachment> files) const {
    int number = 0;
    for (auto& file : files) {
      file.file = place_ / std::to_string(++number);
      std::ofstream stream(file.file, std::ios::binary);
      stream << std::exchange(file.bytes, {}) << std::flush;
      if (place_.empty() || !stream) return stop(1, "there is no room for copies of the files");
    }
    return files;
  }

 private:
  std::filesystem::path place_;
};

Outcome<int> act(Home& home, const ReportOptions& options, std::vector<Attachment> sent,
                 bool json) {
  const auto actor = TRY(actor_of(*home.store, options.as));
  const auto event = event_of(options.event);
  if (!event) return stop(2, "there is no event \"" + options.event + "\"; see docs/lifecycle.md");
  const auto report = TRY(find_report(*home.store, options.report));
  Command command;
  command.event = *event;
  command.actor = actor;
  command.reason = options.reason;
  command.words = options.words;
  command.agency = AgencyId(options.agency);
  command.unit = UnitId(options.unit);
  if (!options.other.empty()) {
    const auto other = TRY(find_report(*home.store, options.other));
    command.other = other.id;
  }
  if (options.corrects()) {
    if (*event != Event::correct) {
      return stop(2, "--title, --category, --kind, --anonymous and --confidential go with correct");
    }
    command.title = options.title;
    if (options.category) command.category = CategoryId(*options.category);
    if (options.kind) command.kind = KindId(*options.kind);
    command.anonymous = options.anonymous;
    command.confidential = options.confidential;
  }
  const Copies copies;
  command.files = TRY(copies.of(std::move(sent)));
  Casework casework(*home.store, home.prepared.organisation, home.clock,
                    public_url_of(home.prepared.settings));
  for (const auto& channel : home.prepared.settings.channels) {
    if (channel.common.enabled) casework.know(rules_of(home.prepared, home.keys, channel.name));
  }
  // Whoever has a shell may act as any officer: the log says that it was done this way.
  TRY(or_stop(
      home.store->record(actor, "command", "report " + report.code.value() + " " + options.event)));
  const auto done = casework.act(report.id, command);
  if (!done) return stop(1, done.error().message);
  if (json) {
    JsonWriter out;
    out.begin_object().member("code", done->code.value());
    out.member("state", name(done->state)).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%s is now %s.\n", done->code.value().c_str(),
                std::string(name(done->state)).c_str());
  }
  return 0;
}

// Says nothing of the words: a report is whole, or which step of it is not.
Outcome<bool> verify_one(Store& store, const Report& report, bool json) {
  const auto verified = store.verify(report.id);
  if (!verified && verified.error().remedy != Remedy::drop) return stop(verified.error());
  if (json) {
    JsonWriter out;
    out.begin_object().member("code", report.code.value());
    out.member("whole", verified.has_value()).member("steps", report.steps);
    out.member("fault", verified ? "" : verified.error().message).end_object();
    std::printf("%s\n", out.text().c_str());
  }
  if (!verified) {
    std::fprintf(stderr, "%s: %s\n", report.code.value().c_str(), verified.error().message.c_str());
  }
  return verified.has_value();
}

Outcome<int> verify_all(Store& store, bool json) {
  constexpr int k_reports_a_look = 1000;
  ReportFilter filter;
  filter.most = k_reports_a_look;
  std::size_t whole = 0;
  std::size_t all = 0;
  for (;;) {
    const auto reports = TRY(or_stop(store.find_reports(filter)));
    if (reports.empty()) break;
    for (const auto& report : reports) {
      const auto verified = TRY(verify_one(store, report, json));
      whole += verified ? 1 : 0;
      ++all;
    }
    filter.before_id = reports.back().id.value();
  }
  if (!json) std::printf("%zu of %zu histories are whole.\n", whole, all);
  return whole == all ? 0 : 1;
}

Outcome<int> verify(Home& home, const ReportOptions& options, bool json) {
  if (options.report.empty()) return verify_all(*home.store, json);
  const auto report = TRY(find_report(*home.store, options.report));
  const auto verified = TRY(verify_one(*home.store, report, json));
  if (verified && !json) {
    std::printf("%s: the history is whole, %d steps.\n", report.code.value().c_str(), report.steps);
  }
  return verified ? 0 : 1;
}

}  // namespace

Outcome<Actor> actor_of(Store& store, const std::string& user) {
  // Whoever has this shell has the keys: the national admin's remit.
  if (user.empty()) return Actor{Role::national_admin, {}, {}, {}};
  const auto officer = TRY(or_stop(store.officer(user)));
  if (!officer) return stop(2, "there is no officer \"" + user + "\"");
  return Actor{officer->role, officer->id, officer->agency, officer->unit};
}

Outcome<int> report(const Common& common, const ReportOptions& options) {
  auto sent = TRY(read_files(options.files));
  auto home = TRY(Home::open(common, Access::use));
  if (options.act == "list") return list(*home, options, common.json);
  if (options.act == "show") return show(*home, options, common.json);
  if (options.act == "find") return find(*home, options.search, common.json);
  if (options.act == "act") return act(*home, options, std::move(sent), common.json);
  return verify(*home, options, common.json);
}

}  // namespace kanal::app
