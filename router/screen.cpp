#include "core/text.hpp"
#include "router/stages.hpp"
#include "store/canary.hpp"

namespace kanal {

namespace {

/// What is nothing but the quotation of our mail, and would be a report of its own.
bool answers_in_vain(const Post& post, const Evidence& evidence) {
  const bool answers = !post.hints.thread_token.empty() || !post.hints.tracking_code.empty();
  return answers && trim(post.text).empty() && post.attachments.empty() &&
         identify(post, evidence, {}).belonging == Belonging::alone;
}

}  // namespace

Screening screen(const Post& post, const Evidence& evidence) {
  if (const auto canary = canary_of(post); !canary.empty()) {
    return {Fate::screened, "the channel's own test message", std::string(canary)};
  }
  if (evidence.blocked) return {Fate::screened, "the sender is blocked"};
  if (!post.hints.automatic.empty()) {
    return {Fate::screened,
            "written by a machine: " + std::string(clip_utf8(post.hints.automatic, 200))};
  }
  if (!post.hints.passed_on.empty()) {
    return {
        Fate::screened, "support: " + std::string(clip_utf8(post.hints.passed_on, 200)), {}, true};
  }
  if (trim(post.text).empty() && post.attachments.empty() && trim(post.hints.subject).empty()) {
    return {Fate::screened, "it says nothing"};
  }
  if (answers_in_vain(post, evidence)) {
    return {Fate::held, "an answer without words, to no report of its sender's"};
  }
  if (!post.hints.suspicion.empty()) {
    return {Fate::held, std::string(clip_utf8(post.hints.suspicion, 200))};
  }
  return {};
}

}  // namespace kanal
