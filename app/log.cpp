#include "app/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/clock.hpp"
#include "core/rfc3339.hpp"
#include "core/visibility.hpp"
#include "format/json.hpp"

namespace kanal::app {

namespace {

class Formatter final : public spdlog::formatter {
 public:
  explicit Formatter(bool json) : json_(json) {}
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto words = redact_personal({message.payload.data(), message.payload.size()});
    const auto time =
        print_rfc3339(std::chrono::time_point_cast<std::chrono::seconds>(message.time));
    const auto level = spdlog::level::to_string_view(message.level);
    std::string line;
    if (json_) {
      JsonWriter writer;
      writer.begin_object().member("time", time);
      writer.member("level", std::string_view(level.data(), level.size()));
      writer.member("message", words).end_object();
      line = writer.take();
    } else {
      line = time + "  " + std::string(level.data(), level.size()) + "  ";
      // A line of the log is one line, whatever somebody sent us.
      for (const char each : words) line += static_cast<unsigned char>(each) < 0x20 ? ' ' : each;
    }
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<Formatter>(json_);
  }

 private:
  bool json_;
};

}  // namespace

void start_log(const LogSettings& settings) {
  auto logger =
      std::make_shared<spdlog::logger>("kanal", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<Formatter>(settings.format == "json"));
  logger->set_level(spdlog::level::from_str(settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace kanal::app
