#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "app/commands.hpp"
#include "app/post_lines.hpp"
#include "app/printable.hpp"
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

/// What a file holds, in its order.
struct Contents {
  Batch batch;
  std::vector<bool> readable;       ///< whether the next of it is a post, or one that is none
  std::vector<std::string> truths;  ///< of the posts; empty: none is labelled
};

Contents read_posts(const std::string& text, const std::string& channel,
                    const std::filesystem::path& base) {
  Contents contents;
  std::istringstream input(text);
  PostLines lines(input, channel, base);
  while (auto line = lines.next()) {
    if (!line->note.empty()) std::fprintf(stderr, "%s\n", printable_line(line->note).c_str());
    contents.readable.push_back(line->read.has_value());
    if (line->read) {
      // The bytes are of no more use: nothing is stored.
      for (auto& file : line->read->post.attachments) file.bytes.clear();
      contents.batch.posts.push_back(std::move(line->read->post));
      contents.truths.push_back(std::move(line->read->truth));
    } else {
      contents.batch.unreadable.push_back(
          {{}, std::string(line->text), line->read.error().message});
    }
  }
  return contents;
}

Contents read_message(const std::string& text, const Translator& translator) {
  Contents contents;
  if (auto batch = translator.translate(text)) {
    contents.batch = std::move(*batch);
  } else {
    contents.batch.unreadable.push_back({{}, {}, batch.error().message});
  }
  contents.readable.assign(contents.batch.posts.size(), true);
  contents.readable.resize(contents.readable.size() + contents.batch.unreadable.size(), false);
  return contents;
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

/// What a post that only passes another one on adds to.
struct Supported {
  std::optional<Report> report;  ///< none: of none yet, or begun by what is traced with it
  int people = 0;                ///< who passed it on before
};

void write_support(JsonWriter& out, const Filed& filed, const Supported& supported) {
  if (!filed.passes_on) {
    out.null_member("support");
    return;
  }
  out.key("support").begin_object();
  if (supported.report) {
    out.member("report", supported.report->code.value());
  } else {
    out.null_member("report");
  }
  out.member("people", supported.people).end_object();
}

// A line a post: what it is, what each stage saw and decided, what it becomes and what is owed.
void print_line(const Filed& filed, std::string_view truth, const IntakeBatch& batch,
                std::string_view channel, std::span<const FieldNote> fields,
                const Supported& supported) {
  JsonWriter out;
  out.begin_object();
  out.key("post").raw(print_post(filed.post, channel, truth));
  write_fields(out, fields);
  out.member("fate", name(filed.fate)).member("reason", filed.reason);
  out.key("stages").raw(filed.stages);
  const auto* change = filed.change ? &batch.changes.at(*filed.change) : nullptr;
  if (change != nullptr) {
    write_report(out, change->after);
  } else {
    out.null_member("report");
  }
  write_support(out, filed, supported);
  out.key("replies").begin_array();
  if (filed.errand && filed.errand->answer) write_reply(out, *filed.errand->answer);
  if (change != nullptr) {
    for (const auto& reply : change->replies) {
      if (reply.withheld.empty()) write_reply(out, reply);
    }
  }
  out.end_array();
  out.end_object();
  std::printf("%s\n", out.text().c_str());
}

// What becomes no post and no report has the members of a line all the same.
void print_bare_line(std::string_view fate, std::string_view reason,
                     std::span<const FieldNote> fields) {
  JsonWriter out;
  out.begin_object().null_member("post");
  write_fields(out, fields);
  out.member("fate", fate).member("reason", reason);
  out.key("stages").begin_array().end_array();
  out.null_member("report").null_member("support");
  out.key("replies").begin_array().end_array();
  out.end_object();
  std::printf("%s\n", out.text().c_str());
}

std::string words_of(const Signal& signal) {
  std::string_view said;
  switch (signal.kind) {
    case Signal::Kind::delivered:
      said = "was delivered";
      break;
    case Signal::Kind::failed:
      said = "could not be delivered";
      break;
    case Signal::Kind::delayed:
      said = "is still on its way";
      break;
    case Signal::Kind::deletion:
      said = "was deleted by its author";
      break;
  }
  const auto& id = signal.reply_key.empty() ? signal.subject.value() : signal.reply_key;
  return "it tells that " + id + " " + std::string(said) +
         (signal.detail.empty() ? "" : ": " + signal.detail);
}

/// Where files are traced: beside what is known, or on its own.
struct Occasion {
  const Prepared& prepared;
  const ChannelRules& rules;
  Store* store;  ///< null: no evidence from past reports
  Time now;
};

Outcome<std::vector<Supported>> supported_by(std::span<const Evidence> evidence, Store* store) {
  std::vector<Supported> all(evidence.size());
  std::vector<Report> reports;
  for (const auto& each : evidence) {
    if (each.supported) reports.push_back(*each.supported);
  }
  if (reports.empty() || store == nullptr) return all;
  const auto counts = TRY(or_stop(store->supports(reports)));
  auto count = counts.begin();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (evidence[i].supported) all[i] = {evidence[i].supported, *count++};
  }
  return all;
}

Outcome<> trace_contents(Contents contents, std::span<const FieldNote> fields,
                         const Occasion& occasion) {
  auto& batch = contents.batch;
  for (auto& post : batch.posts) normalise(post);
  std::vector<Evidence> evidence(batch.posts.size());
  if (occasion.store != nullptr) {
    evidence = TRY(or_stop(occasion.store->gather(occasion.rules.name, batch.posts)));
  }
  const auto supported = TRY(supported_by(evidence, occasion.store));
  std::vector<ReportId> ids;
  std::vector<TrackingCode> codes;
  for (std::size_t index = 0; index < batch.posts.size(); ++index) {
    ids.emplace_back(static_cast<std::int64_t>(index) + 1);
    codes.push_back(make_tracking_code(index));
  }
  contents.truths.resize(batch.posts.size());
  const auto decided = decide(
      std::move(batch.posts), evidence,
      Surround{occasion.prepared.organisation, occasion.rules, occasion.now, {}}, ids, codes);
  std::size_t post = 0;
  std::size_t unreadable = 0;
  for (const bool readable : contents.readable) {
    if (readable) {
      print_line(decided.batch.filed.at(post), contents.truths.at(post), decided.batch,
                 occasion.rules.name.value(), fields, supported.at(post));
      ++post;
    } else {
      print_bare_line(name(Fate::quarantined), batch.unreadable.at(unreadable++).reason, fields);
    }
  }
  for (const auto& signal : batch.signals) print_bare_line("signal", words_of(signal), fields);
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
  const Occasion occasion{prepared, rules, home ? home->store.get() : nullptr, clock.now()};
  for (std::size_t index = 0; index < texts.size(); ++index) {
    const auto& text = texts[index];
    const auto& file = options.files[index];
    auto contents = translator == nullptr ? read_posts(text, options.channel,
                                                       std::filesystem::path(file).parent_path())
                                          : read_message(text, *translator);
    if (contents.readable.empty() && contents.batch.signals.empty()) {
      std::fprintf(stderr, "%s: there is nothing in it that would be kept.\n", file.c_str());
    }
    const auto* explainer = dynamic_cast<const Explainer*>(connector.get());
    const auto fields = explainer == nullptr ? std::vector<FieldNote>() : explainer->explain(text);
    TRY(trace_contents(std::move(contents), fields, occasion));
  }
  return 0;
}

}  // namespace kanal::app
