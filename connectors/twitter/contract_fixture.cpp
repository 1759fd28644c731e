#include "connectors/twitter/tweet.hpp"
#include "connectors/twitter/x_fixture.hpp"
#include "core/rfc3339.hpp"
#include "tests/contract/far_side.hpp"

namespace kanal {

namespace {

/// X in memory. Replies without a post to answer go to a citizen who has written a message.
class Timeline final : public contract::FarSide {
 public:
  Timeline() {
    x_.messages.emplace_back(1, R"({"id":"1","event_type":"MessageCreate","sender_id":"2001",)"
                                R"("text":"Halo"})");
    x_.before = [this](const twitter::MemoryX::Call& call) { return fault(call); };
    x_.after = [this](const twitter::MemoryX::Call& call) { return lost(call); };
  }
  [[nodiscard]] std::string settings() const override {
    const auto key = contract::secret_in("KANAL_CONTRACT_X");
    return "handle = \"kanal\"\nconsumer_key = " + key + "\nconsumer_secret = " + key +
           "\naccess_token = " + key + "\naccess_secret = " + key +
           "\nstart_from = \"all\"\ntimeout_s = 1\n"
           "direct_messages = true\nmentions_every_s = 0\nmessages_every_s = 0\n";
  }
  Http& http() override { return x_; }
  void set(contract::Fault fault) override { fault_ = fault; }

  void arrive(const contract::Letter& letter) override {
    const auto number = next_++;
    x_.mentions.emplace_back(number, post_of(letter, number));
  }
  bool arrive_torn(const std::string& /*id*/) override {
    const auto number = next_++;
    x_.mentions.emplace_back(number, R"({"id":")" + std::to_string(number) + R"("})");
    return true;
  }
  [[nodiscard]] std::string raw(const contract::Letter& letter) const override {
    return "{\"data\":[" + post_of(letter, 1'800'000'000'000'000'001) + "]}";
  }
  [[nodiscard]] std::string address() const override { return "2001"; }
  [[nodiscard]] std::size_t taken(const Reply& reply) const override {
    return static_cast<std::size_t>(
        std::ranges::count_if(x_.sent_messages, [&](const std::string& body) {
          return Json::parse(body).value().text("text") == reply.text;
        }));
  }

 private:
  static std::string post_of(const contract::Letter& letter, std::uint64_t number) {
    const auto at =
        Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}) + std::chrono::minutes(15);
    JsonWriter out;
    out.begin_object().member("id", std::to_string(number));
    out.member("text", std::string_view("@kanal " + letter.text));
    // Whatever is left of a name stands for the person.
    out.member("author_id", std::to_string(std::hash<std::string>{}(letter.author)));
    out.member("created_at", print_rfc3339(at)).end_object();
    return out.take();
  }

  std::optional<Result<HttpReply>> fault(const twitter::MemoryX::Call& call) const {
    using contract::Fault;
    switch (fault_) {
      case Fault::refused:
        return twitter::MemoryX::reply(401, R"({"title":"Unauthorized","status":401})");
      case Fault::throttled:
        return twitter::MemoryX::reply(429, R"({"title":"Too Many Requests","status":429})");
      case Fault::silence:
        return Result<HttpReply>(fail(call.method == "GET" ? Remedy::retry : Remedy::uncertain,
                                      "nothing came within 1 s"));
      case Fault::away:
        return Result<HttpReply>(fail(Remedy::retry, "nobody listens there"));
      default:
        return std::nullopt;
    }
  }
  std::optional<Result<HttpReply>> lost(const twitter::MemoryX::Call& call) const {
    if (fault_ != contract::Fault::lost_answer || call.method == "GET") return std::nullopt;
    return Result<HttpReply>(fail(Remedy::uncertain, "the connection was lost"));
  }

  twitter::MemoryX x_;
  contract::Fault fault_ = contract::Fault::none;
  std::uint64_t next_ = 1'800'000'000'000'000'100;
};

}  // namespace

std::unique_ptr<contract::FarSide> twitter_far_side();
std::unique_ptr<contract::FarSide> twitter_far_side() {
  return std::make_unique<Timeline>();
}

}  // namespace kanal
