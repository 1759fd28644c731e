#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "app/commands.hpp"
#include "app/prompt.hpp"
#include "app/rules.hpp"
#include "core/rfc3339.hpp"
#include "core/tracking_code.hpp"
#include "core/visibility.hpp"
#include "format/json.hpp"
#include "format/post_json.hpp"
#include "router/pipeline.hpp"
#include "router/stages.hpp"

namespace kanal::app {

namespace {

constexpr std::size_t k_most_file_bytes = 64U << 20U;

Outcome<std::string> read_file(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) return stop(1, name + " cannot be read");
  }
  auto& from = name == "-" ? std::cin : static_cast<std::istream&>(file);
  std::string text;
  std::string chunk(64U << 10U, '\0');
  while (from.read(chunk.data(), std::ssize(chunk)) || from.gcount() > 0) {
    text.append(chunk, 0, static_cast<std::size_t>(from.gcount()));
    if (text.size() > k_most_file_bytes) return stop(1, name + " is larger than 64 MB");
  }
  if (broke_off(from)) return stop(1, name + " cannot be read");
  return text;
}

Batch read_posts(const std::string& text) {
  Batch batch;
  PostReader reader;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (auto read = reader.read(line)) {
      batch.posts.push_back(std::move(read->post));
    } else {
      batch.unreadable.push_back({{}, line, read.error().message});
    }
  }
  return batch;
}

void write_report(JsonWriter& out, const Report& report) {
  out.key("report").begin_object();
  out.member("state", name(report.state));
  out.member("title", report.title);
  out.member("category", report.category.value());
  out.member("agency", report.agency.value());
  out.member("unit", report.unit.value());
  out.member("kind", report.kind.value());
  if (report.due_at) out.member("due_at", print_rfc3339(*report.due_at));
  out.member("anonymous", report.anonymous).member("confidential", report.confidential);
  out.end_object();
}

void write_reply(JsonWriter& out, const Owed& reply) {
  out.begin_object();
  out.member("channel", reply.channel.value());
  out.member("language", reply.language);
  out.member("subject", reply.subject);
  out.member("text", reply.text);
  out.end_object();
}

void write_fields(JsonWriter& out, std::span<const FieldNote> fields) {
  if (fields.empty()) return;
  out.key("fields").begin_array();
  for (const auto& note : fields) {
    out.begin_object();
    out.member("field", note.field);
    out.member("becomes", note.becomes);
    out.member("value", note.value);
    out.member("problem", note.problem);
    out.end_object();
  }
  out.end_array();
}

// A line a post: what it is, what each stage saw and decided, what it becomes and what is owed.
void print_line(const Filed& filed, const std::vector<StageNote>& notes, const IntakeBatch& batch,
                std::string_view channel, std::span<const FieldNote> fields) {
  JsonWriter out;
  out.begin_object();
  out.key("post").raw(print_post(filed.post, channel));
  write_fields(out, fields);
  out.member("fate", name(filed.fate)).member("reason", filed.reason);
  out.key("stages").begin_array();
  for (const auto& note : notes) {
    out.begin_object();
    out.member("stage", note.stage);
    out.member("evidence", note.evidence);
    out.member("decision", note.decision);
    out.member("reason", note.reason);
    out.end_object();
  }
  out.end_array();
  const auto* change = filed.change ? &batch.changes.at(*filed.change) : nullptr;
  if (change != nullptr) {
    write_report(out, change->after);
  } else {
    out.null_member("report");
  }
  out.key("replies").begin_array();
  if (filed.errand && filed.errand->answer) write_reply(out, *filed.errand->answer);
  if (change != nullptr) {
    for (const auto& reply : change->replies) write_reply(out, reply);
  }
  out.end_array();
  out.end_object();
  std::printf("%s\n", out.text().c_str());
}

void print_unreadable(const Unreadable& unreadable, std::span<const FieldNote> fields) {
  JsonWriter out;
  out.begin_object().null_member("post");
  write_fields(out, fields);
  out.member("fate", name(Fate::quarantined));
  out.member("reason", unreadable.reason);
  out.key("stages").begin_array().end_array();
  out.null_member("report");
  out.key("replies").begin_array().end_array();
  out.end_object();
  std::printf("%s\n", out.text().c_str());
}

Outcome<> trace_batch(Batch batch, std::span<const FieldNote> fields, const Prepared& prepared,
                      const ChannelRules& rules, Store* store, Time now) {
  for (auto& post : batch.posts) normalise(post);
  std::vector<Evidence> evidence(batch.posts.size());
  if (store != nullptr) {
    evidence = TRY(or_stop(store->gather(rules.name, batch.posts)));
  }
  std::vector<ReportId> ids;
  std::vector<TrackingCode> codes;
  for (std::size_t index = 0; index < batch.posts.size(); ++index) {
    ids.emplace_back(static_cast<std::int64_t>(index) + 1);
    codes.push_back(make_tracking_code(index));
  }
  const auto decided = decide(std::move(batch.posts), evidence,
                              Surround{prepared.organisation, rules, now, {}}, ids, codes);
  for (std::size_t index = 0; index < decided.batch.filed.size(); ++index) {
    print_line(decided.batch.filed[index], decided.notes.at(index), decided.batch,
               rules.name.value(), fields);
  }
  for (const auto& unreadable : batch.unreadable) print_unreadable(unreadable, fields);
  return {};
}

}  // namespace

Outcome<int> trace(const Common& common, const TraceOptions& options) {
  auto prepared = TRY(prepare(common));
  // Before the command goes on as the data's owner, who may not read what its user may.
  std::vector<std::string> texts;
  for (const auto& name : options.files) {
    auto text = TRY(read_file(name));
    texts.push_back(std::move(text));
  }
  std::unique_ptr<Home> home;
  if (!options.offline) {
    const auto begun = TRY(has_begun(prepared));
    if (begun) {
      home = TRY(Home::open(common, Access::use));
    } else {
      std::fprintf(stderr, "Traced as with --offline, without past reports: %s.\n",
                   nothing_kept(prepared).c_str());
    }
  }
  const SystemClock clock;
  const auto keys = home ? home->keys : Keys::of_seed("trace");
  Bench bench(prepared, keys, clock);
  std::unique_ptr<Connector> connector;
  const Translator* translator = nullptr;
  if (options.format != "post") {
    connector = TRY(bench.connector(options.channel));
    translator = dynamic_cast<const Translator*>(connector.get());
    if (translator == nullptr) {
      return stop(2, "the channel \"" + options.channel + "\" has no messages that files can hold");
    }
  }
  const auto rules = rules_of(prepared, keys, ChannelName(options.channel));
  for (const auto& text : texts) {
    auto batch =
        translator == nullptr ? Result<Batch>(read_posts(text)) : translator->translate(text);
    if (!batch) {
      auto why = std::move(batch).error().message;
      batch = Batch{};
      batch->unreadable.push_back({{}, {}, std::move(why)});
    }
    const auto* explainer = dynamic_cast<const Explainer*>(connector.get());
    const auto fields = explainer == nullptr ? std::vector<FieldNote>() : explainer->explain(text);
    TRY(trace_batch(std::move(*batch), fields, prepared, rules, home ? home->store.get() : nullptr,
                    clock.now()));
  }
  return 0;
}

}  // namespace kanal::app
