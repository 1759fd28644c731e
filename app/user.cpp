#include <cstdio>

#include "app/commands.hpp"
#include "app/prompt.hpp"
#include "format/json.hpp"
#include "web/officer_form.hpp"
#include "web/session.hpp"

namespace kanal::app {

namespace {

Outcome<std::string> read_password(const std::string& user) {
  auto password = read_hidden_twice("Password for " + user);
  if (!password) return stop(2, "the two passwords differ; nothing was changed");
  const auto weak = weakness(*password, user, "en");
  if (!weak.empty()) return stop(2, weak);
  return std::move(*password);
}

Outcome<> set_password(Officer& officer) {
  const auto password = TRY(read_password(officer.user));
  officer.password_hash = TRY(or_stop(hash_password(password)));
  return {};
}

void print_officer(const Officer& officer, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().member("user", officer.user);
    out.member("name", officer.name).member("role", name(officer.role));
    out.member("agency", officer.agency.value());
    out.member("unit", officer.unit.value());
    out.member("disabled", officer.disabled).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%-20s %-16s %-12s %-12s %s%s\n", officer.user.c_str(),
                std::string(name(officer.role)).c_str(), officer.agency.value().c_str(),
                officer.unit.value().c_str(), officer.name.c_str(),
                officer.disabled ? " (disabled)" : "");
  }
}

Outcome<int> list_officers(Store& store, bool json) {
  const auto officers = TRY(or_stop(store.officers()));
  for (const auto& officer : officers) print_officer(officer, json);
  return 0;
}

Outcome<> check_form(const OfficerForm& form, const Organisation& organisation) {
  std::string all;
  for (const auto& fault : faults_of(form, organisation, "en")) {
    all += (all.empty() ? "" : " ") + fault.message;
  }
  if (all.empty()) return {};
  return stop(2, std::move(all));
}

Outcome<Officer> describe(const Organisation& organisation, const UserOptions& options) {
  const OfficerForm form{options.user, options.name.empty() ? options.user : options.name,
                         options.role, options.agency, options.unit};
  TRY(check_form(form, organisation));
  return officer_of(form, organisation);
}

/// With what is said of it changed, and the rest as it is.
Outcome<Officer> change(const Organisation& organisation, const Officer& officer,
                        const UserOptions& options) {
  if (options.name.empty() && options.role.empty() && options.agency.empty() &&
      options.unit.empty()) {
    return stop(2, "say what changes: --name, --role, --agency or --unit");
  }
  auto form = form_of(officer);
  if (!options.name.empty()) form.name = options.name;
  if (!options.role.empty()) form.role = options.role;
  if (!options.unit.empty()) form.unit = options.unit;
  // Who was of one of its offices is so of the agency.
  form.agency = options.agency.empty() ? officer.agency.value() : options.agency;
  TRY(check_form(form, organisation));
  auto changed = officer_of(form, organisation);
  if ((!options.agency.empty() && changed.agency.value() != options.agency) ||
      (!options.unit.empty() && changed.unit.value() != options.unit)) {
    return stop(2, "as " + remit_of(changed) +
                       " an officer has another agency or unit than was given: an agency admin has "
                       "an --agency, a liaison officer a --unit, others have none");
  }
  changed.id = officer.id;
  changed.disabled = officer.disabled;
  return changed;
}

Outcome<int> issue_token(Home& home, const Officer& officer, const UserOptions& options,
                         bool json) {
  if (officer.disabled) return stop(1, officer.user + " is disabled");
  if (options.label == "console") return stop(2, "--label console is what browsers' sessions have");
  Sessions sessions(*home.store, home.keys, home.clock);
  const auto token =
      TRY(or_stop(sessions.issue_token(officer, std::chrono::days(options.days), options.label)));
  TRY(or_stop(home.store->record({}, "user token", officer.user + ": " + options.label)));
  if (json) {
    JsonWriter out;
    out.begin_object().member("user", officer.user);
    out.member("label", options.label);
    out.member("token", token).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%s\n", token.c_str());
  }
  return 0;
}

Outcome<int> revoke(Home& home, const Officer& officer, const UserOptions& options, bool json) {
  const auto ended = TRY(or_stop(home.store->end_sessions(officer.id, options.label)));
  TRY(or_stop(home.store->record({}, "user revoke", officer.user + ": " + options.label)));
  if (json) {
    JsonWriter out;
    out.begin_object().member("user", officer.user);
    out.member("ended", ended).end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("%s: %d ended.\n", officer.user.c_str(), ended);
  }
  return 0;
}

}  // namespace

Outcome<int> user(const Common& common, const UserOptions& options) {
  auto home = TRY(Home::open(common, options.act == "add" ? Access::begin : Access::use));
  auto& store = *home->store;
  if (options.act == "list") return list_officers(store, common.json);
  const auto known = TRY(or_stop(store.officer(options.user)));
  Officer officer;
  if (options.act == "add") {
    if (known) {
      return stop(1, "there is an officer \"" + options.user + "\" already: `kanal user password " +
                         options.user + "` sets another password, `kanal user " +
                         (known->disabled ? "enable " : "disable ") + options.user +
                         (known->disabled ? "` lets them in again" : "` keeps them out"));
    }
    officer = TRY(describe(home->prepared.organisation, options));
  } else {
    if (!known) return stop(1, "there is no officer \"" + options.user + "\"");
    officer = *known;
  }
  if (options.act == "token") return issue_token(*home, officer, options, common.json);
  if (options.act == "revoke") return revoke(*home, officer, options, common.json);
  if (options.act == "add" || options.act == "password") {
    TRY(set_password(officer));
  } else if (options.act == "change") {
    officer = TRY(change(home->prepared.organisation, officer, options));
  } else {
    officer.disabled = options.act == "disable";
  }
  // Whoever has this shell has the keys; that they were used stands in the log of acts.
  const auto act = "user " + options.act;
  const auto subject = officer.user + (options.act == "change" ? ": " + remit_of(officer) : "");
  const Store::Act line{{}, act, subject};
  if (options.act == "change") {
    TRY(or_stop(store.set_remit(officer, line)));
  } else if (options.act == "password") {
    TRY(or_stop(store.set_password(officer.id, officer.password_hash, line)));
  } else if (options.act != "add") {
    TRY(or_stop(store.set_disabled(officer.id, officer.disabled, line)));
  } else {
    TRY(or_stop(store.save_officer(officer, line)));
  }
  if (common.json) {
    print_officer(officer, true);
  } else {
    std::printf("%s: done.\n", officer.user.c_str());
  }
  return 0;
}

}  // namespace kanal::app
