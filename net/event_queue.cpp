#include "net/event_queue.hpp"

#include "core/text.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_queued_events = 256;

std::string print_event(std::string_view event, std::string_view data) {
  std::string text = "event: ";
  for (const char each : event) text += each == '\n' || each == '\r' ? ' ' : each;
  text += '\n';
  for (const auto line : split(data, '\n')) {
    text += "data: ";
    for (const char each : line) text += each == '\r' ? ' ' : each;
    text += '\n';
  }
  return text + '\n';
}

class PushingEnd final : public EventStream {
 public:
  explicit PushingEnd(std::shared_ptr<EventQueue> queue) : queue_(std::move(queue)) {}
  PushingEnd(const PushingEnd&) = delete;
  PushingEnd& operator=(const PushingEnd&) = delete;
  ~PushingEnd() override { queue_->end(); }
  bool push(std::string_view event, std::string_view data) override {
    return queue_->push(event, data);
  }
  [[nodiscard]] bool is_open() override { return queue_->is_open(); }

 private:
  std::shared_ptr<EventQueue> queue_;
};

}  // namespace

bool EventQueue::push(std::string_view event, std::string_view data) {
  {
    const std::scoped_lock lock(mutex_);
    if (!over_ && waiting_.size() == k_most_queued_events) {
      over_ = true;
      waiting_.clear();
    }
    if (over_) return false;
    waiting_.push_back(print_event(event, data));
  }
  wake_();
  return true;
}

bool EventQueue::is_open() {
  const std::scoped_lock lock(mutex_);
  return !over_;
}

std::pair<std::string, bool> EventQueue::take() {
  const std::scoped_lock lock(mutex_);
  std::string all;
  for (const auto& each : waiting_) all += each;
  waiting_.clear();
  return {std::move(all), !over_};
}

void EventQueue::end() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  wake_();
}

std::shared_ptr<EventStream> pushing_end(std::shared_ptr<EventQueue> queue) {
  return std::make_shared<PushingEnd>(std::move(queue));
}

}  // namespace kanal
