#include "web/console/console_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("an officer sees how an answer would arrive, and nothing is sent") {
  ConsoleWorld world;
  ChannelRules rules;
  rules.name = world.mail;
  rules.own_link = [](const TrackingCode& code) {
    return "https://kanal.test/r/" + code.value() + "?k=AbC-dEf_0123456789xyzQ";
  };
  world.casework.know(rules);
  world.hire("putr", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  const auto cookie = world.sign_in("putr");
  const auto page = world.page_of(id);
  CHECK(says(world.get(page, cookie), "id=\"preview-answer\""));
  CHECK_FALSE(says(world.get(page, cookie), "id=\"preview-note\""));
  const auto owed = world.database.ask("SELECT count(*) FROM outbox");
  const Fields form{{"expected_steps", std::to_string(world.read(id).steps)},
                    {"words", "Sudah <ditambal>."}};
  const auto whole = world.send(page + "/preview/answer", cookie, form);
  CHECK(whole.status == 200);
  CHECK(says(whole, "Sudah &lt;ditambal&gt;.</textarea>"));
  const auto told = ConsoleWorld::between(whole.body, "class=\"arrival\"", "</blockquote>");
  CHECK(told.find("Sudah &lt;ditambal&gt;.") != std::string::npos);
  CHECK(told.find("BELUM") != std::string::npos);

  auto piece_form = form;
  piece_form.emplace_back("csrf", world.csrf_of(cookie));
  const auto ask_piece = [&] {
    return world.ask("POST", page + "/preview/answer", cookie, piece_form, {{"x-refresh", "1"}});
  };
  CHECK(ask_piece().body.starts_with("<div class=\"preview\""));
  CHECK(says(ask_piece(), told));
  world.database.ask("UPDATE report SET confidential = true");
  CHECK(says(ask_piece(), "?k=█"));
  CHECK_FALSE(says(ask_piece(), "ditambal"));
  CHECK_FALSE(says(ask_piece(), "AbC-dEf"));
  piece_form[1].second.clear();
  CHECK_FALSE(says(ask_piece(), "arrival"));
  CHECK(world.send(page + "/preview/note", cookie, form).status == 404);

  CHECK(world.database.ask("SELECT count(*) FROM outbox") == owed);
  CHECK(world.read(id).state == State::at_unit);
}

}  // namespace
}  // namespace kanal::testing
