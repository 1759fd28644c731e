#include <algorithm>

#include "core/text.hpp"
#include "router/meeting.hpp"
#include "router/moves.hpp"

// What comes back from an office that a report was handed over to.
namespace kanal {

void Meeting::hear_office(Filed& filed, const Evidence& evidence) {
  const auto& office = *evidence.handed;
  const auto* way = around_.organisation.hand_over(office);
  filed.report = evidence.thread->id;
  const auto keep = [&](Fate fate, std::string why) {
    note("office", "answers a message to an office", std::string(name(fate)), why);
    filed.fate = fate;
    filed.reason = std::move(why);
  };
  if (way == nullptr || way->channel != around_.channel.name) {
    return keep(Fate::held, std::string(k_not_handed_over));
  }
  if (!way->answers(filed.post.author.id.value())) {
    return keep(Fate::held, "somebody else answers in an office's place");
  }
  if (!filed.post.author.proven) {
    return keep(Fate::held, "nobody has proven that the office wrote it");
  }
  const auto wish = read_office_wish(filed.post.text);
  if (act_for_office(filed, evidence, *way, wish)) return;
  const bool silent = trim(wish.words).empty() && wish.kind != OfficeWish::Kind::proceed;
  const bool unclear = silent || wish.kind == OfficeWish::Kind::unclear;
  keep(Fate::office, unclear ? "what the office wants is not clear"
                             : "what the office wants is not possible now");
  if (!way->writes || !filed.post.hints.unanswered.empty()) return;
  auto& change = decided_.batch.changes[change_of(*evidence.thread)];
  const auto answered = std::ranges::count_if(
      change.replies, [](const Owed& owed) { return owed.office && owed.acknowledgement; });
  if (evidence.thread_replies_last_hour + answered >= k_replies_per_thread_and_hour) return;
  change.replies.push_back(explain_to_office(change.after, office, *way, filed.post,
                                             around_.organisation, unclear, around_.now));
  filed.change = change_of(*evidence.thread);
}

bool Meeting::act_for_office(Filed& filed, const Evidence& evidence, const HandOver& way,
                             const OfficeWish& wish) {
  if (evidence.followed) return false;
  const auto index = change_of(*evidence.thread);
  auto& change = decided_.batch.changes[index];
  const auto command = office_command(change.after, *evidence.handed, wish);
  if (!command) return false;
  const auto before = change.after;
  auto entry = move_report(change.after, *command, around_.organisation, around_.now);
  if (!entry) return false;
  entry->post = place_of_next();
  entry->reason = way.by == "email" ? "by mail" : "by the office's own system";
  change.entries.push_back(std::move(*entry));
  filed.fate = Fate::office;
  filed.change = index;
  note("office", "answers a message to an office", std::string(name(command->event)),
       "as its officer's own act");
  tell_others(change, before, *command, evidence, std::nullopt);
  return true;
}

}  // namespace kanal
