#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "web/console/desk.hpp"
#include "web/console/words.hpp"
#include "web/officer_form.hpp"

namespace kanal::console {
namespace {

constexpr std::size_t k_password_bytes = 10;

/// What the page says besides its list.
struct Shown {
  std::optional<OfficerForm> form;  ///< not taken
  std::vector<Fault> faults;
  std::string user;  ///< with a fresh password
  std::string password;
};

void draw_officer(const Visit& visit, Block list, const Officer& officer) {
  auto row = list.add("OFFICER");
  row.set("USER", officer.user);
  row.set("NAME", officer.name);
  row.set("ROLE", role_words(officer.role, visit.language));
  auto place = unit_name(visit.organisation(), officer.unit);
  if (place.empty()) place = agency_name(visit.organisation(), officer.agency);
  row.set("PLACE", place.empty() ? visit.say("Nasional", "Nationwide") : std::string_view(place));
  row.show_if("DISABLED", officer.disabled);
  row.show_if("LOCKED", officer.locked_until && *officer.locked_until > visit.now());
  const bool self = officer.id == visit.session.officer.id;
  row.show_if("SELF", self);
  if (!visit.may(Ability::manage_officers) || self) return;
  auto acts = row.add("MANAGE");
  acts.set("OFFICER_ID", static_cast<long long>(officer.id.value()));
  acts.set("NAME", officer.name);
  acts.show(officer.disabled ? "ENABLE" : "DISABLE");
}

enum class UserName { asked, settled };

std::string draw_fields(const Visit& visit, const OfficerForm& form, std::span<const Fault> faults,
                        UserName user_name) {
  const auto page = visit.page("officer_fields.html");
  auto block = page.top();
  block.show_if("WRONG", !faults.empty());
  const auto mark = [&](Block field, std::string_view name) {
    const auto fault = std::ranges::find(faults, name, &Fault::field);
    if (fault != faults.end()) field.add("BAD").set("PROBLEM", fault->message);
  };
  if (user_name == UserName::asked) {
    auto user = block.add("WITH_USER");
    user.set("USER_VALUE", form.user);
    mark(user, "user");
  }
  auto of_name = block.add("OF_NAME");
  of_name.set("NAME_VALUE", form.name);
  mark(of_name, "name");
  auto of_role = block.add("OF_ROLE");
  mark(of_role, "role");
  for (const auto role : k_officer_roles) {
    auto option = of_role.add("ROLE_OPTION");
    option.set("VALUE", kanal::name(role));
    option.set("LABEL", role_words(role, visit.language));
    option.show_if("CHOSEN", form.role == kanal::name(role));
  }
  auto of_agency = block.add("OF_AGENCY");
  mark(of_agency, "agency");
  for (const auto& agency : visit.organisation().agencies) {
    auto option = of_agency.add("AGENCY_OPTION");
    option.set("VALUE", agency.id.value());
    option.set("LABEL", agency.name);
    option.show_if("CHOSEN", form.agency == agency.id.value());
  }
  auto of_unit = block.add("OF_UNIT");
  mark(of_unit, "unit");
  for (const auto& unit : visit.organisation().units) {
    auto option = of_unit.add("UNIT_OPTION");
    option.set("VALUE", unit.id.value());
    option.set("LABEL", unit.name);
    option.show_if("CHOSEN", form.unit == unit.id.value());
  }
  return page.draw();
}

Result<Response> draw_officers(const Visit& visit, int status, const Shown& shown) {
  const auto officers = TRY(visit.desk.parts.store.officers());
  auto page = visit.page("officers.html");
  auto top = page.top();
  draw_news(visit, top);
  if (!shown.password.empty()) {
    auto fresh = top.add("FRESH");
    fresh.set("FRESH_USER", shown.user);
    fresh.set("FRESH_PASSWORD", shown.password);
  }
  for (const auto& officer : officers) draw_officer(visit, top, officer);
  if (visit.may(Ability::manage_officers)) {
    auto form = top.add("ADD");
    form.show_if("ADD_OPEN", shown.form.has_value());
    form.set("FIELDS",
             draw_fields(visit, shown.form.value_or(OfficerForm{}), shown.faults, UserName::asked));
  }
  return answer(visit, status, visit.say("Petugas", "Officers"), page, "/console/officers");
}

// Shown once; the officer changes it after the first sign-in.
std::string fresh_password() {
  auto password = to_base32(random_bytes(k_password_bytes));
  for (std::size_t at = password.size() - password.size() % 4; at > 0; at -= 4) {
    if (at < password.size()) password.insert(at, "-");
  }
  return password;
}

Result<Response> add(const Visit& visit) {
  auto& store = visit.desk.parts.store;
  Shown shown;
  shown.form = read_officer_form(visit.request);
  auto officer = officer_of(*shown.form, visit.organisation());
  shown.faults = faults_of(*shown.form, visit.organisation(), visit.language);
  if (is_user_name(officer.user) && TRY(store.officer(officer.user))) {
    shown.faults.push_back({"user", std::string(visit.say("Nama pengguna itu sudah dipakai.",
                                                          "That user name is taken already."))});
  }
  if (!shown.faults.empty()) return draw_officers(visit, 422, shown);
  shown.form.reset();
  shown.user = officer.user;
  shown.password = fresh_password();
  officer.password_hash = TRY(hash_password(shown.password));
  const auto subject = "officer " + officer.user;
  TRY(store.save_officer(officer, Store::Act{visit.session.actor(), "officer added", subject}));
  return draw_officers(visit, 200, shown);
}

// Nobody locks themselves out by a slip; the own password has its own page.
Result<std::optional<Officer>> find_other(const Visit& visit) {
  const auto id = number_in(visit.request.parameters.at("officer"));
  if (!id || OfficerId(*id) == visit.session.officer.id) return std::optional<Officer>();
  return visit.desk.parts.store.officer(OfficerId(*id));
}

Response draw_one(const Visit& visit, int status, const Officer& officer, const OfficerForm& form,
                  std::span<const Fault> faults) {
  auto page = visit.page("officer.html");
  auto top = page.top();
  top.set("OFFICER_ID", static_cast<long long>(officer.id.value()));
  top.set("NAME", officer.name);
  top.set("USER", officer.user);
  top.set("FIELDS", draw_fields(visit, form, faults, UserName::settled));
  return answer(visit, status, officer.name, page,
                "/console/officers/" + std::to_string(officer.id.value()));
}

Result<Response> show_one(const Visit& visit) {
  const auto officer = TRY(find_other(visit));
  return officer ? draw_one(visit, 200, *officer, form_of(*officer), {}) : missing(visit);
}

Result<Response> change(const Visit& visit) {
  const auto officer = TRY(find_other(visit));
  if (!officer) return missing(visit);
  auto form = read_officer_form(visit.request);
  form.user = officer->user;
  const auto faults = faults_of(form, visit.organisation(), visit.language);
  if (!faults.empty()) return draw_one(visit, 422, *officer, form, faults);
  auto changed = officer_of(form, visit.organisation());
  changed.id = officer->id;
  const auto subject = "officer " + changed.user + ": " + remit_of(changed);
  TRY(visit.desk.parts.store.set_remit(changed,
                                       {visit.session.actor(), "officer change", subject}));
  return done("/console/officers", "changed");
}

Result<Response> act_on_officer(const Visit& visit) {
  auto& store = visit.desk.parts.store;
  const auto officer = TRY(find_other(visit));
  if (!officer) return missing(visit);
  const auto id = officer->id;
  const auto& how = visit.request.parameters.at("act");
  const auto done_what = "officer " + how;
  const auto subject = "officer " + officer->user;
  const Store::Act line{visit.session.actor(), done_what, subject};
  if (how == "password") {
    Shown shown;
    shown.user = officer->user;
    shown.password = fresh_password();
    const auto hash = TRY(hash_password(shown.password));
    TRY(store.set_password(id, hash, line));
    return draw_officers(visit, 200, shown);
  }
  if (how != "disable" && how != "enable") return missing(visit);
  TRY(store.set_disabled(id, how == "disable", line));
  return done("/console/officers", how == "disable" ? "disabled" : "enabled");
}

}  // namespace

void add_officers(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(page_route(desk, "/console/officers", Ability::read_officers, [](Visit& visit) {
    return outcome(visit, draw_officers(visit, 200, {}));
  }));
  routes.push_back(form_route(desk, "/console/officers", Ability::manage_officers,
                              [](Visit& visit) { return outcome(visit, add(visit)); }));
  const std::string one = "/console/officers/{officer}";
  routes.push_back(page_route(desk, one, Ability::manage_officers, guarded(show_one)));
  routes.push_back(form_route(desk, one, Ability::manage_officers, guarded(change)));
  routes.push_back(form_route(desk, "/console/officers/{officer}/{act}", Ability::manage_officers,
                              [](Visit& visit) { return outcome(visit, act_on_officer(visit)); }));
}

}  // namespace kanal::console
