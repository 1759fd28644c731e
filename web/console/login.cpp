#include "core/language.hpp"
#include "core/text.hpp"
#include "web/console/desk.hpp"
#include "web/console/words.hpp"
#include "web/language.hpp"
#include "web/problem.hpp"

namespace kanal::console {
namespace {

constexpr std::uint64_t k_most_form_bytes = 8U << 10U;

std::string destination(std::string_view wanted) {
  return is_own_address(wanted) && !wanted.starts_with("/console/login") ? std::string(wanted)
                                                                         : "/console";
}

Response login_page(const Desk& desk, const Request& request, int status, std::string_view problem,
                    std::string_view user, std::string_view to) {
  if (status >= 400 && is_program(request)) return kanal::problem(request, status, problem);
  const auto language = language_of(request);
  Page page("login.html", language);
  auto top = page.top();
  top.set("ORGANISATION", desk.parts.organisation.name);
  top.set("USER", user);
  top.set("TO", to);
  if (!problem.empty()) top.add("WRONG").set("PROBLEM", problem);
  if (request.field("ended") == "1") top.show("ENDED");
  if (request.field("left") == "1") top.show("LEFT");
  return answer_stranger(desk.parts.organisation, request, status,
                         pick(language, "Masuk", "Sign in"), page);
}

Response show_login(Desk& desk, const Request& request) {
  const auto session = desk.sessions.find(request);
  const auto to = destination(request.field("to"));
  if (session && *session) {
    auto response = Response::redirect(to);
    (*session)->renew(response);
    return response;
  }
  return login_page(desk, request, 200, {}, {}, to);
}

std::string locked_words(std::chrono::seconds wait, std::string_view language) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(wait).count();
  const auto number = std::to_string(minutes);
  if (is_english(language)) {
    return "Too many sign-ins have failed. Try again in " + number +
           (minutes == 1 ? " minute" : " minutes") +
           ", or from a browser that you have signed in with before.";
  }
  return "Terlalu banyak percobaan masuk yang gagal. Coba lagi dalam " + number +
         " menit, atau dari peramban yang pernah Anda pakai untuk masuk.";
}

std::string denial_words(const SignIn::Denial& denial, std::string_view language) {
  switch (denial.why) {
    case SignIn::Why::wrong:
      return std::string(
          pick(language,
               "Nama pengguna atau kata sandi tidak cocok. Setelah beberapa kali gagal, "
               "Anda harus menunggu sebentar.",
               "The user name or password does not fit. After several failures you have "
               "to wait for a while."));
    case SignIn::Why::locked:
      return locked_words(denial.wait, language);
    case SignIn::Why::busy:
    case SignIn::Why::absent:
      break;
  }
  return std::string(busy_words(language));
}

int denial_status(const SignIn::Denial& denial) {
  switch (denial.why) {
    case SignIn::Why::wrong:
      return 403;
    case SignIn::Why::locked:
      return 429;
    case SignIn::Why::busy:
    case SignIn::Why::absent:
      break;
  }
  return 503;
}

Response with_wait(Response response, const SignIn::Denial& denial) {
  if (denial.why == SignIn::Why::locked) {
    response.headers.emplace_back("Retry-After", std::to_string(denial.wait.count()));
  }
  return response;
}

Response log_in(Desk& desk, const Request& request) {
  const auto to = destination(request.form_value("to"));
  const auto user = std::string(clip_utf8(request.form_value("user"), 128));
  const auto language = language_of(request);
  if (!Sessions::is_ours(request, desk.parts.public_url)) {
    return login_page(
        desk, request, 403,
        pick(language, "Silakan masuk dari halaman ini.", "Please sign in from this page."), user,
        to);
  }
  const auto officer = desk.sign_in.authenticate(user, request.form_value("password"), request);
  if (!officer) {
    const auto& denial = officer.error();
    return with_wait(
        login_page(desk, request, denial_status(denial), denial_words(denial, language), user, to),
        denial);
  }
  const auto cookie = desk.sessions.start(*officer, request);
  if (!cookie) {
    return login_page(desk, request, 503, busy_words(language), user, to);
  }
  auto response = Response::redirect(to);
  response.headers.emplace_back("Set-Cookie", *cookie);
  response.headers.emplace_back("Set-Cookie", desk.sign_in.remember(*officer, request));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response log_out(Visit& visit) {
  const auto cookie = visit.desk.sessions.end(visit.session, visit.request);
  if (!cookie) return failure(visit, cookie.error());
  auto response = Response::redirect("/console/login?left=1");
  response.headers.emplace_back("Set-Cookie", *cookie);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response account_page(const Visit& visit, int status, std::string_view problem) {
  auto page = visit.page("account.html");
  auto top = page.top();
  draw_news(visit, top);
  const auto& officer = visit.session.officer;
  top.set("USER", officer.user);
  top.set("OFFICER", officer.name);
  top.set("ROLE", role_words(officer.role, visit.language));
  if (!officer.agency.empty()) {
    top.add("HAS_AGENCY").set("AGENCY", agency_name(visit.organisation(), officer.agency));
  }
  if (!officer.unit.empty()) {
    top.add("HAS_UNIT").set("UNIT", unit_name(visit.organisation(), officer.unit));
  }
  if (!problem.empty()) top.add("WRONG").set("PROBLEM", problem);
  return answer(visit, status, visit.say("Akun saya", "My account"), page, "/console/account");
}

Response change_password(Visit& visit) {
  const auto& request = visit.request;
  const auto unfit =
      visit.say("Kata sandi yang sekarang tidak cocok.", "The present password does not fit.");
  auto known = visit.desk.sign_in.authenticate(visit.session.officer.user,
                                               request.form_value("current"), request);
  if (!known) {
    const auto& denial = known.error();
    if (denial.why == SignIn::Why::wrong) return account_page(visit, 403, unfit);
    return with_wait(
        account_page(visit, denial_status(denial), denial_words(denial, visit.language)), denial);
  }
  const auto fresh = request.form_value("fresh");
  if (fresh != request.form_value("again")) {
    return account_page(
        visit, 422,
        visit.say("Kedua kata sandi baru tidak sama.", "The two new passwords are not the same."));
  }
  const auto weak = weakness(fresh, known->user, visit.language);
  if (!weak.empty()) return account_page(visit, 422, weak);
  auto hashed = hash_password(fresh);
  if (!hashed) return failure(visit, hashed.error());
  const auto changed = visit.desk.parts.store.change_password(*known, *hashed);
  if (!changed) return failure(visit, changed.error());
  if (!*changed) return account_page(visit, 403, unfit);
  known->password_hash = std::move(*hashed);
  // The old session ended with the old password.
  const auto cookie = visit.desk.sessions.start(*known, request);
  if (!cookie) return failure(visit, cookie.error());
  auto response = done("/console/account", "password");
  response.headers.emplace_back("Set-Cookie", *cookie);
  return response;
}

}  // namespace

void add_login(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back({"GET",
                    "/console/login",
                    BodyKind::none,
                    0,
                    [desk](const Request& request) { return show_login(*desk, request); },
                    {}});
  routes.push_back({"POST",
                    "/console/login",
                    BodyKind::form,
                    k_most_form_bytes,
                    [desk](const Request& request) { return log_in(*desk, request); },
                    {}});
  routes.push_back(form_route(desk, "/console/logout", log_out));
  routes.push_back(page_route(desk, "/console/account",
                              [](Visit& visit) { return account_page(visit, 200, {}); }));
  routes.push_back(form_route(desk, "/console/account", change_password));
}

}  // namespace kanal::console
