#include <catch2/catch.hpp>

#include "core/language.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "web/site/site.hpp"
#include "web/web_fixture.hpp"

namespace kanal::testing {
namespace {

constexpr const char* k_framers = "frame-ancestors https://desa.example";

/// One form of one field; what is written into it is a post of that id.
class Village final : public FormHost {
 public:
  explicit Village(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] std::vector<FormSummary> forms(std::string_view /*language*/) const override {
    return {{"desa", "Pengaduan desa"}};
  }
  [[nodiscard]] std::optional<FormView> blank(std::string_view form, std::string_view language,
                                              Time /*now*/) const override {
    if (form != "desa") return std::nullopt;
    return view(language, {});
  }
  FormOutcome submit(const FormSubmission& submission) override {
    const auto text = text_of(submission);
    if (text.empty()) {
      auto refused = view(submission.language, {});
      refused.status = 422;
      refused.message = pick(submission.language, "Tulis sesuatu.", "Write something.");
      return refused;
    }
    Post post;
    post.id = ExternalId(text);
    post.author.id = post.id;
    post.text = text + ": lampu jalan mati di Jalan Gajah Mada";
    post.posted_at = clock_.now();
    Received received;
    received.posts.push_back(std::move(post));
    return received;
  }
  [[nodiscard]] FormView again(const FormSubmission& submission) const override {
    auto again = view(submission.language, text_of(submission));
    again.status = 503;
    again.message = "busy";
    return again;
  }

 private:
  static std::string text_of(const FormSubmission& submission) {
    for (const auto& part : submission.parts) {
      if (part.name == "text") return part.value;
    }
    return {};
  }
  static FormView view(std::string_view language, std::string typed) {
    FormView view;
    view.form = "desa";
    view.title = pick(language, "Pengaduan desa", "Complaints");
    view.language = language;
    view.frame_origins = {"https://desa.example"};
    FormField text;
    text.name = "text";
    text.type = "textarea";
    text.value = std::move(typed);
    view.fields.push_back(std::move(text));
    return view;
  }

  const Clock& clock_;
};

struct Frames : WebWorld {
  Village village{clock};
  Frames() {
    ChannelRules rules;
    rules.name = ChannelName("form");
    intake->know(rules);
    SiteParts with{*store, *intake, casework, organisation,
                   keys,   clock,   {},       "http://kanal.example"};
    with.entrances.push_back({ChannelName("form"), &village});
    serve(site_routes(std::move(with)));
  }
  ~Frames() { close(); }
  [[nodiscard]] HttpReply send(const std::string& address, const std::string& text,
                               const std::string& more = {}) const {
    return ask("POST", address, "text=" + percent_encode(text) + more,
               {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/html"}});
  }
};

bool says(const HttpReply& reply, std::string_view words) {
  return reply.body.find(words) != std::string::npos;
}

TEST_CASE("who has sent from a frame is led out of it to their report, and nowhere in it") {
  Frames frames;
  const auto sent = frames.send("/embed/desa", "m1");
  CHECK(sent.status == 200);
  CHECK(sent.header("content-security-policy").ends_with(k_framers));
  const auto code = frames.store->report(ReportId(1)).value()->code;
  CHECK(says(sent, grouped(code)));
  CHECK(says(sent, "href=\"http://kanal.example/r/" + code.value() +
                       "?k=" + tracking_secret(frames.keys, code) + "\" target=\"_blank\""));
  CHECK_FALSE(says(sent, "href=\"/\""));
  CHECK(says(sent, "data-sent"));
  CHECK(says(sent, "Simpan nomor ini"));
  CHECK(says(frames.send("/embed/desa", "m2", "&confidential=1"), "hanya terbuka lewat tautan"));
}

TEST_CASE("a form keeps the language that its page was read in") {
  Frames frames;
  for (const std::string address : {"/embed/desa", "/report/desa"}) {
    const auto page = frames.ask("GET", address + "?lang=en");
    CHECK(says(page, "action=\"" + address + "?lang=en\""));
    const auto refused = frames.send(address + "?lang=en", "");
    CHECK(refused.status == 422);
    CHECK(says(refused, "Write something."));
    CHECK(refused.header("set-cookie").empty());
  }
  CHECK(says(frames.send("/embed/desa?lang=en", "m1"), "Keep this number"));
}

TEST_CASE("the front page leads to the form, and so does the page of a form that is not there") {
  const Frames frames;
  CHECK(says(frames.ask("GET", "/"), "href=\"/report\""));
  const auto lost = frames.ask("GET", "/report/dusun", {}, {{"Accept", "text/html"}});
  CHECK(lost.status == 404);
  CHECK(says(lost, "mulai dari halaman depan"));
}

TEST_CASE("what cannot be kept just now stays in the form, in a frame too") {
  Frames frames;
  frames.database.close();
  for (const std::string address : {"/embed/desa", "/report/desa"}) {
    const auto again = frames.send(address, "Lampu mati");
    CHECK(again.status == 503);
    CHECK(says(again, ">Lampu mati</textarea>"));
    const bool framed = address.starts_with("/embed");
    CHECK(again.header("content-security-policy")
              .ends_with(framed ? k_framers : "frame-ancestors 'none'"));
  }
}

}  // namespace
}  // namespace kanal::testing
