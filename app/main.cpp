#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "app/commands.hpp"
#include "app/log.hpp"

namespace {

using namespace kanal::app;  // NOLINT(google-build-using-namespace): this is its main program

using Run = std::function<Outcome<int>(const Common&)>;

struct Line {
  Common common;
  Run run;
};

// Whatever is written is for this user alone, and no secret lands in a dump of the memory. The leak
// sanitizer looks at the process as a debugger does.
void keep_private() {
  umask(S_IRWXG | S_IRWXO);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

// Understood before the name of a command as well as behind it.
void add_common(CLI::App& to, Line& line) {
  to.add_option("--config", line.common.config,
                "Settings file (default: kanal.toml here, else the built-in defaults)");
  to.add_option("--data", line.common.data,
                "Where everything is kept (default: var/ beside the settings)");
  to.add_flag("--json", line.common.json, "Print data as JSON");
}

CLI::App* add_group(CLI::App& top, Line& line, const std::string& name, const std::string& about) {
  auto* group = top.add_subcommand(name, about);
  add_common(*group, line);
  group->require_subcommand(1);
  return group;
}

CLI::App* add(CLI::App& to, Line& line, const std::string& name, const std::string& about,
              Run run) {
  auto* command = to.add_subcommand(name, about);
  add_common(*command, line);
  command->final_callback([&line, run = std::move(run)] {
    if (!line.run) line.run = run;
  });
  return command;
}

void add_serve(CLI::App& top, Line& line, ServeOptions& options) {
  auto* command = add(top, line, "serve", "Run the bridge",
                      [&](const Common& common) { return serve(common, options); });
  command->add_flag("--demo", options.demo,
                    "With officers to try it as and, unless the settings declare channels,\n"
                    "stand-ins for the far side of each kind and a page to play the citizen on");
  command->add_option("--listen", options.listen, "Address and port (\":0\": any free port)");
  command->add_option("--ready-file", options.ready_file,
                      "Write one line of JSON here once requests are accepted");
}

void add_trace(CLI::App& top, Line& line, TraceOptions& options) {
  auto* command = add(top, line, "trace", "Say what would become of raw messages; writes nothing",
                      [&](const Common& common) { return trace(common, options); });
  command->add_option("--channel", options.channel, "The channel they came by")->required();
  command->add_option("--format", options.format, "\"post\": posts as NDJSON")
      ->check(CLI::IsMember({"post"}));
  command->add_flag("--offline", options.offline, "Without a database: no past reports");
  command->add_option("files", options.files, "Files, - for standard input")->required();
}

void add_ingest(CLI::App& top, Line& line, IngestOptions& options) {
  auto* command =
      add(top, line, "ingest", "Take posts (NDJSON) through the pipeline into the store",
          [&](const Common& common) { return ingest(common, options); });
  command->add_option("--channel", options.channel, "The channel they came by")->required();
  command->add_flag("--reply", options.reply, "Owe the reporters replies (imports do not)");
  command->add_option("file", options.file, "The file, - for standard input")->required();
}

void add_channel(CLI::App& top, Line& line, ChannelOptions& options) {
  auto* channel = add_group(top, line, "channel", "Operate channels");
  const auto add_act = [&](const std::string& act, const std::string& about, bool named) {
    auto* command = add(*channel, line, act, about, [&options, act](const Common& common) {
      options.act = act;
      return kanal::app::channel(common, options);
    });
    if (named) command->add_option("name", options.name, "The channel")->required();
    return command;
  };
  add_act("list", "All channels and their health", false);
  add_act("show", "One channel, its settings without secrets, and its health", true);
  add_act("pause", "Stop reading and answering", true);
  add_act("resume", "Go on", true);
  add_act("test", "The round trip that a new admin would want", true)
      ->add_option("--send", options.send_to, "Also send a real message to this address");
  auto* backfill = add_act("backfill", "Read again from a date", true);
  backfill->add_option("--from", options.from, "RFC 3339 time")->required();
  backfill->add_flag("--reply", options.reply, "Owe the reporters replies (history gets none)");
}

void add_report(CLI::App& top, Line& line, ReportOptions& options) {
  auto* report = add_group(top, line, "report", "Reports, their history and what is done to them");
  const auto add_act = [&](const std::string& act, const std::string& about, bool named) {
    auto* command = add(*report, line, act, about, [&options, act](const Common& common) {
      options.act = act;
      return kanal::app::report(common, options);
    });
    if (named) {
      command->add_option("report", options.report, "Its number or tracking code")->required();
    }
    return command;
  };
  auto* list = add_act("list", "Reports, newest first", false);
  list->add_option("--as", options.as, "As this officer sees them (default: the national admin)");
  list->add_option("--state", options.state, "Only in this state");
  list->add_option("--search", options.search, "Only with these words");
  list->add_option("--most", options.most, "At most so many")->check(CLI::Range(1, 1000));
  add_act("find", "Where a message is: stored, joined, screened out, held or in quarantine", false)
      ->add_option("what", options.search, "Its id, its number, its sender or words of it")
      ->required();
  add_act("show", "One report with its history and replies", true)
      ->add_option("--as", options.as, "As this officer sees it (default: the national admin)");
  add_act("verify", "Check the chain of one report's history, or of all", false)
      ->add_option("report", options.report, "Its number or tracking code (default: all)");
  auto* act = add_act("act", "Cause a lifecycle event", true);
  act->add_option("event", options.event, "verify, dispose, answer, … (docs/lifecycle.md)")
      ->required();
  act->add_option("--as", options.as, "The officer who acts (default: the national admin)");
  act->add_option("--reason", options.reason, "Why");
  act->add_option("--words", options.words, "Words for the reporter");
  act->add_option(
      "--file", options.files,
      "A photo, PDF document or film to go with the words; as often as there are files");
  act->add_option("--agency", options.agency, "The agency that it goes to");
  act->add_option("--unit", options.unit, "The unit that it goes to");
  act->add_option("--other", options.other, "The report that it is merged into");
  act->add_option("--title", options.title, "With correct: the new title");
  act->add_option("--category", options.category, "With correct: the new category; \"\": none");
  act->add_option("--kind", options.kind, "With correct: the new kind; \"\": none");
  act->add_option("--anonymous", options.anonymous,
                  "With correct: yes hides who it was from the reported party");
  act->add_option("--confidential", options.confidential,
                  "With correct: yes hides it from the public");
}

void add_quarantine(CLI::App& top, Line& line, QuarantineOptions& options) {
  auto* quarantine = add_group(top, line, "quarantine", "Messages that could not be digested");
  const auto add_act = [&](const std::string& act, const std::string& about) {
    return add(*quarantine, line, act, about, [&options, act](const Common& common) {
      options.act = act;
      return kanal::app::quarantine(common, options);
    });
  };
  auto* list = add_act("list", "What is there, newest first");
  list->add_option("--channel", options.channel, "Of one channel");
  list->add_flag("--waiting", options.waiting, "What was neither read again nor set aside");
  add_act("show", "One message as it came")->add_option("id", options.id)->required();
  add_act("replay", "Try one again")->add_option("id", options.id)->required();
  auto* discard = add_act("discard", "Set one aside that nobody needs to read; it is kept");
  discard->add_option("id", options.id)->required();
  discard->add_option("--reason", options.reason, "Why; it is recorded")->required();
}

void add_sender(CLI::App& top, Line& line, SenderOptions& options) {
  auto* sender = add_group(top, line, "sender", "Whose messages are kept and screened");
  const auto add_act = [&](const std::string& act, const std::string& about) {
    return add(*sender, line, act, about, [&options, act](const Common& common) {
      options.act = act;
      return kanal::app::sender(common, options);
    });
  };
  add_act("list", "Blocked senders, the newest first");
  for (const auto& [act, about] : {std::pair{"block", "Screen what the sender of a message sends"},
                                   std::pair{"unblock", "Let it become reports again"}}) {
    auto* command = add_act(act, about);
    command->add_option("message", options.post, "The number of a message of theirs")->required();
    command->add_option("--reason", options.reason, "Why; recorded")->required();
    command->add_option("--as", options.as, "The officer who acts (default: the national admin)");
  }
}

void add_user(CLI::App& top, Line& line, UserOptions& options) {
  auto* user = add_group(top, line, "user", "Officers");
  const auto add_act = [&](const std::string& act, const std::string& about, bool named) {
    auto* command = add(*user, line, act, about, [&options, act](const Common& common) {
      options.act = act;
      return kanal::app::user(common, options);
    });
    if (named) command->add_option("user", options.user, "The user name")->required();
    return command;
  };
  add_act("list", "All officers", false);
  const auto add_remit = [&options](CLI::App& command) {
    command.add_option("--name", options.name, "The officer's name");
    command.add_option("--agency", options.agency, "Of an agency admin or a liaison officer");
    command.add_option("--unit", options.unit, "Of a liaison officer");
    return command.add_option(
        "--role", options.role,
        "monitor, national_admin, agency_admin, liaison, connector_admin, auditor");
  };
  auto* make = add_act("add", "A new officer; the password is read from standard input", true);
  add_remit(*make)->required();
  add_remit(*add_act("change", "Another name, role or office; what is not given stays", true));
  add_act("password", "A new password, read from standard input", true);
  add_act("disable", "No more logins", true);
  add_act("enable", "Logins again", true);
  auto* token = add_act("token", "A bearer token of the officer's role, printed once", true);
  token->add_option("--label", options.label, "What it is for")->required();
  token->add_option("--days", options.days, "How long it is good")->check(CLI::Range(1, 3650));
  add_act("revoke", "End the officer's sessions and tokens", true)
      ->add_option("--label", options.label, "Only the tokens of this label");
}

void add_settings(CLI::App& top, Line& line, SettingsOptions& options) {
  auto* settings = add_group(top, line, "settings", "What can be set");
  for (const auto& [act, about] :
       {std::pair{"schema", "JSON Schema of the settings file"},
        std::pair{"docs", "The same as a page"}, std::pair{"show", "What holds, without secrets"},
        std::pair{"seal",
                  "Encrypt a secret, read from standard input, for the "
                  "settings file"}}) {
    auto* command =
        add(*settings, line, act, about, [&options, name = std::string(act)](const Common& common) {
          options.act = name;
          return kanal::app::settings(common, options);
        });
    if (std::string_view(act) == "schema") {
      command->add_flag("--organisation", options.organisation, "Of the organisation's file");
    }
  }
}

// Says so where the first words name no command; the parser would not repeat the word.
bool names_none(const CLI::App& top, std::span<char* const> words) {
  const auto* group = &top;
  std::string before;
  for (const std::string word : words) {
    const auto all = group->get_subcommands([](const CLI::App* /*each*/) { return true; });
    if (all.empty() || word.starts_with('-')) return false;
    const auto named =
        std::ranges::find_if(all, [&](const CLI::App* each) { return each->check_name(word); });
    if (named == all.end()) {
      std::fprintf(stderr, "kanal: there is no command \"%s%s\"; `kanal %s--help` lists them\n",
                   before.c_str(), word.c_str(), before.c_str());
      return true;
    }
    group = *named;
    before += word + " ";
  }
  return false;
}

// A fault of the program ends a command as any other failure does.
int carry_out(const Line& line) {
  auto outcome = [&]() -> Outcome<int> {
    try {
      return line.run(line.common);
    } catch (const std::exception& exception) {
      return stop(1, std::string("a fault of the program, not of what you asked: ") +
                         exception.what() + "; try once more, and tell whoever maintains it");
    }
  }();
  if (outcome) return *outcome;
  const auto& message = outcome.error().message;
  std::fprintf(stderr, "kanal: %s%s", message.c_str(), message.ends_with('\n') ? "" : "\n");
  return outcome.error().code;
}

}  // namespace

int main(int count, char** arguments) {
  keep_private();
  start_log({});  // Standard output is for what a command was asked for.
  CLI::App top{"Kanal: the bridge between places where people complain and offices that answer",
               "kanal"};
  top.set_version_flag("--version", KANAL_VERSION);
  top.require_subcommand(1);
  Line line;
  add_common(top, line);
  ServeOptions serve_options;
  TraceOptions trace_options;
  IngestOptions ingest_options;
  ChannelOptions channel_options;
  ReportOptions report_options;
  QuarantineOptions quarantine_options;
  SenderOptions sender_options;
  UserOptions user_options;
  SettingsOptions settings_options;
  add_serve(top, line, serve_options);
  add(top, line, "check", "Read all settings and say everything that is wrong; touches nothing",
      [](const Common& common) { return check(common); });
  add(top, line, "database",
      "Keep the private database running, and nothing else: to dump it, or restore into it",
      [](const Common& common) { return database(common); });
  add_trace(top, line, trace_options);
  add_ingest(top, line, ingest_options);
  add_channel(top, line, channel_options);
  add_report(top, line, report_options);
  add_quarantine(top, line, quarantine_options);
  add_sender(top, line, sender_options);
  add_user(top, line, user_options);
  add_settings(top, line, settings_options);
  if (count > 1 &&
      names_none(top, std::span(arguments, static_cast<std::size_t>(count)).subspan(1))) {
    return 2;
  }
  try {
    top.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return top.exit(error) == 0 ? 0 : 2;
  }
  return carry_out(line);
}
