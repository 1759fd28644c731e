#include "web/site/pages.hpp"

#include <map>
#include <memory>

#include <ctemplate/template.h>

#include "core/language.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "web/embedded.hpp"
#include "web/files.hpp"
#include "web/site/words.hpp"
#include "web/words.hpp"

namespace kanal::site {
namespace {

using ctemplate::TemplateDictionary;

void set(TemplateDictionary& page, const char* name, std::string_view value) {
  page.SetValue(name, ctemplate::TemplateString(value.data(), value.size()));
}

// Frozen, so that threads share it without a lock.
const ctemplate::TemplateCache& templates() {
  static const auto cache = [] {
    auto filling = std::make_unique<ctemplate::TemplateCache>();
    for (const auto& file : embedded_files()) {
      if (!file.name.starts_with("site_") || !file.name.ends_with(".html")) continue;
      filling->StringToTemplateCache(
          ctemplate::TemplateString(file.name.data(), file.name.size()),
          ctemplate::TemplateString(file.bytes.data(), file.bytes.size()), ctemplate::DO_NOT_STRIP);
    }
    filling->Freeze();
    return filling;
  }();
  return *cache;
}

std::string expand(const char* name, const TemplateDictionary& page) {
  std::string text;
  templates().ExpandNoLoad(ctemplate::TemplateString(name), ctemplate::DO_NOT_STRIP, &page, nullptr,
                           &text);
  return text;
}

std::string enclose(const Frame& frame, std::string_view title, std::string_view body,
                    bool indexed) {
  const auto say = [&](std::string_view id, std::string_view en) {
    return pick(frame.language, id, en);
  };
  TemplateDictionary page("frame");
  set(page, "LANGUAGE", frame.language);
  set(page, "TITLE", std::string(title) + " · " + frame.organisation.name);
  set(page, "NAME", frame.organisation.name);
  set(page, "ROBOTS", indexed ? "index" : "noindex, nofollow");
  set(page, "SKIP", say("Langsung ke isi", "Skip to the content"));
  set(page, "REPORTS", say("Laporan", "Reports"));
  set(page, "STATISTICS", say("Statistik", "Statistics"));
  set(page, "OTHER",
      frame.path + "?" + frame.query + (frame.query.empty() ? "" : "&") +
          (is_english(frame.language) ? "lang=id" : "lang=en"));
  set(page, "OTHER_LANGUAGE", say("en", "id"));
  set(page, "OTHER_NAME", say("English", "Bahasa Indonesia"));
  set(page, "PROMISE",
      say("Laporan Anda gratis dan dapat dirahasiakan.",
          "Reports are free of charge and can be kept confidential."));
  set(page, "BODY", body);
  if (!frame.framed) {
    auto& whole = *page.AddSectionDictionary("WHOLE");
    if (frame.organisation.demonstration) {
      auto& strip = *whole.AddSectionDictionary("DEMONSTRATION");
      set(strip, "DEMONSTRATION_NAME", say("Demonstrasi", "Demonstration"));
      set(strip, "DEMONSTRATION_WORD", demonstration_words(frame.language));
      set(strip, "DEMONSTRATION_LINK", demonstration_link(frame.language));
    }
  }
  return expand("site_frame.html", page);
}

void draw_choices(TemplateDictionary& block, const FormField& field) {
  std::map<std::string, TemplateDictionary*> groups;
  for (const auto& choice : field.choices) {
    auto& group = groups[choice.group];
    if (group == nullptr) {
      group = block.AddSectionDictionary("GROUP");
      set(*group, "GROUP_NAME", choice.group);
    }
    auto& option = *group->AddSectionDictionary("OPTION");
    set(option, "OPTION_VALUE", choice.value);
    set(option, "OPTION_NAME", choice.label);
    if (choice.value == field.value) option.ShowSection("CHOSEN");
  }
}

void draw_field(TemplateDictionary& page, const FormField& field, std::string_view language) {
  auto& outer = *page.AddSectionDictionary("FIELD_BLOCK");
  const bool tick = field.type == "checkbox";
  auto& block = *outer.AddSectionDictionary(tick ? "TICK" : "PLAIN");
  set(block, "FIELD", field.name);
  set(block, "LABEL", field.label);
  set(block, "HELP", field.help);
  if (tick) {
    if (!field.value.empty()) block.ShowSection("TICKED");
    return;
  }
  set(block, "NEEDED_WORD", pick(language, "wajib diisi", "required"));
  if (field.required) block.ShowSection("NEEDED");
  set(block, "PROBLEM", field.message);
  if (!field.message.empty()) block.ShowSection("BAD");
  const char* shape = field.type == "textarea" ? "AREA"
                      : field.type == "file"   ? "FILES"
                      : field.type == "select" ? "CHOICE"
                                               : "LINE";
  auto& input = *block.AddSectionDictionary(shape);
  set(input, "VALUE", field.value);
  set(input, "TYPE", field.type);
  set(input, "COMPLETE", field.autocomplete);
  set(input, "MODE", field.inputmode);
  set(input, "MOST_FILES", std::to_string(field.most_files));
  set(input, "MOST_BYTES", std::to_string(field.most_file_bytes));
  set(input, "TOO_LARGE",
      std::string(pick(language, "Berkasnya terlalu besar atau terlalu banyak. ",
                       "The files are too large or too many. ")) +
          field.help);
  set(input, "NO_CHOICE", pick(language, "Biarkan petugas memilih", "Let an officer choose"));
  draw_choices(input, field);
  if (field.name == "address") {
    set(block, "LOCATE_WORD", pick(language, "Gunakan lokasi saya", "Use my location"));
    set(block, "LOCATE_WAITING", pick(language, "Mencari lokasi…", "Finding your location…"));
    set(block, "LOCATE_FAILED",
        pick(language, "Lokasi tidak terbaca. Tulis alamatnya saja.",
             "Your location cannot be read. Please type the address."));
    block.ShowSection("LOCATE");
  }
}

std::string given_words(int mark, std::string_view language) {
  return std::string(pick(language, "Nilai Anda: ", "Your rating: ")) + std::to_string(mark) +
         std::string(pick(language, " dari 5", " of 5"));
}

void draw_rating(TemplateDictionary& ask, const Tracking& tracking, std::string_view language) {
  const bool closes = tracking.view.state != State::closed;
  const auto& given = tracking.view.rating;
  auto& rate = *ask.AddSectionDictionary("RATE");
  set(rate, "RATE_WORD",
      closes ? pick(language, "Sudah selesai? Beri nilai (1 buruk, 5 baik). Laporan akan ditutup.",
                    "Solved? Rate it (1 poor, 5 good). This closes the report.")
      : given
          ? pick(language, "Ubah nilai (1 buruk, 5 baik)", "Change it (1 poor, 5 good)")
          : pick(language, "Nilai penanganannya (1 buruk, 5 baik)", "Rate it (1 poor, 5 good)"));
  set(rate, "RATE_SEND",
      closes  ? pick(language, "Beri nilai dan tutup laporan", "Rate and close the report")
      : given ? pick(language, "Ubah nilai", "Change the rating")
              : pick(language, "Kirim nilai", "Send the rating"));
  for (const int mark : {1, 2, 3, 4, 5}) {
    auto& row = *rate.AddSectionDictionary("MARK");
    set(row, "MARK_VALUE", std::to_string(mark));
    if (given == mark) row.ShowSection("MARKED");
  }
}

void draw_acts(TemplateDictionary& page, const Tracking& tracking, std::string_view language) {
  const auto act = [&](TemplateDictionary& ask, std::string_view name, std::string_view words,
                       std::string_view style, std::string_view asked) {
    auto& row = *ask.AddSectionDictionary("ACT");
    set(row, "ACT_NAME", name);
    set(row, "ACT_WORD", words);
    set(row, "ACT_CLASS", style);
    if (asked.empty()) return;
    auto& why = *row.AddSectionDictionary("ACT_WORDS");
    set(why, "ACT_WORDS_LABEL", asked);
    if (tracking.typed_act == name) set(why, "ACT_TYPED", tracking.typed);
  };
  const auto ask = [&](std::string_view words) -> TemplateDictionary& {
    auto& card = *page.AddSectionDictionary("ASK");
    set(card, "ASK_WORD", words);
    return card;
  };
  if (tracking.secret.empty()) return;
  if (tracking.may_reply) {
    auto& reply = *page.AddSectionDictionary("REPLY");
    set(reply, "REPLY_WORD", reply_words(tracking.view.state, language));
    set(reply, "REPLY_SEND", reply_button(tracking.view.state, language));
    const bool other_box = (tracking.typed_act == "dispute" && tracking.may_dispute) ||
                           (tracking.typed_act == "reopen" && tracking.may_reopen);
    if (!other_box) set(reply, "TYPED", tracking.typed);
  }
  const bool judges = tracking.may_confirm || tracking.may_dispute;
  const auto& given = tracking.view.rating;
  if (judges || tracking.may_rate) {
    auto& card = ask(
        judges ? std::string(pick(language, "Apakah masalahnya sudah selesai?", "Is it solved?"))
        : given
            ? given_words(*given, language)
            : std::string(pick(language, "Bagaimana penanganannya?", "How was it dealt with?")));
    if (tracking.may_confirm) {
      act(card, "confirm", pick(language, "Sudah selesai", "Yes, it is"), "button", {});
    }
    if (tracking.may_dispute) {
      act(card, "dispute", pick(language, "Belum selesai", "No, not yet"), "quiet",
          pick(language, "Apa yang belum selesai? (boleh dikosongkan)",
               "What is not solved yet? (optional)"));
    }
    if (tracking.may_rate) draw_rating(card, tracking, language);
  } else if (given) {
    ask(given_words(*given, language));
  }
  if (!tracking.may_reopen) return;
  act(ask(pick(language, "Masalahnya muncul lagi?", "Has it come back?")), "reopen",
      pick(language, "Buka kembali", "Open again"), "quiet",
      pick(language, "Apa yang terjadi? (boleh dikosongkan)", "What has happened? (optional)"));
}

void draw_line_files(TemplateDictionary& line, const Entry& entry, const Tracking& tracking,
                     std::string_view language) {
  TemplateDictionary* pictures = nullptr;
  TemplateDictionary* files = nullptr;
  for (std::size_t i = 0; i < entry.files.size(); ++i) {
    const auto& file = entry.files[i];
    const bool picture = is_picture(file);
    auto*& group = picture ? pictures : files;
    if (group == nullptr) group = line.AddSectionDictionary(picture ? "PICTURES" : "FILES");
    set(*group, "FILES_WORD",
        picture ? pick(language, "Foto", "Photos") : pick(language, "Berkas", "Files"));
    auto& row = *group->AddSectionDictionary("FILE");
    set(row, "FILE_NAME", file_words(file, language));
    set(row, "FILE_HREF",
        "/r/" + tracking.view.code.value() + "/files/" + std::to_string(entry.step) + "/" +
            std::to_string(i) + (tracking.secret.empty() ? "" : "?k=" + tracking.secret));
  }
}

void draw_history(TemplateDictionary& page, const Frame& frame, const Tracking& tracking) {
  const auto& view = tracking.view;
  for (const auto& entry : view.history) {
    auto& line = *page.AddSectionDictionary("ENTRY");
    set(line, "EVENT",
        entry.by_another ? pick(frame.language, "Pelapor lain menulis", "Another reporter wrote")
                         : event_words(entry, frame.language));
    set(line, "AT", date_words(entry.at, frame.organisation.time_zone, frame.language));
    const auto* agency = frame.organisation.agency(entry.agency);
    if (agency != nullptr && entry.actor.role != Role::reporter) {
      auto& where = *line.AddSectionDictionary("WHERE");
      const auto* unit = frame.organisation.unit(entry.unit);
      set(where, "PLACE", unit == nullptr ? agency->name : unit->name);
    }
    const auto& said = entry.words.empty() ? entry.reason : entry.words;
    if (!said.empty()) set(*line.AddSectionDictionary("SAID"), "WORDS", said);
    draw_line_files(line, entry, tracking, frame.language);
  }
}

std::string title_of(const View& view, std::string_view language) {
  return view.title.empty() ? std::string(pick(language, "Laporan", "Report")) : view.title;
}

std::string draw_sent(const Frame& frame, const Sent& sent) {
  const auto say = [&](std::string_view id, std::string_view en) {
    return pick(frame.language, id, en);
  };
  TemplateDictionary page("sent");
  set(page, "THANKS",
      sent.waits ? say("Terima kasih, kiriman Anda tersimpan. Sistem sedang sibuk: halaman laporan "
                       "Anda terbuka dalam beberapa menit.",
                       "Thank you, what you sent is kept. The system is busy: the page of your "
                       "report opens in a few minutes.")
      : sent.held ? say("Terima kasih, kiriman Anda sudah kami terima.",
                        "Thank you, we have what you sent.")
                  : say("Terima kasih, laporan Anda sudah kami terima.",
                        "Thank you, we have your report."));
  set(page, "KEEP",
      sent.confidential
          ? say("Laporan rahasia hanya terbuka lewat tautan pribadi di bawah ini. Nomornya:",
                "A confidential report opens only by the private link below. Its number:")
          : say("Simpan nomor ini:", "Keep this number:"));
  set(page, "CODE", grouped(sent.code));
  auto& link = *page.AddSectionDictionary(frame.framed ? "OUTSIDE" : "HERE");
  set(link, "LINK", sent.link);
  set(link, "LINK_WORD",
      frame.framed ? say("Buka laporan Anda", "Open your report")
                   : say("Tautan pribadi Anda. Simpan untuk membalas; jangan dibagikan.",
                         "Your private link. Keep it to reply; do not share it."));
  set(link, "LINK_HELP",
      say("Terbuka di tab baru. Alamatnya tautan pribadi Anda: simpan untuk membalas; jangan "
          "dibagikan.",
          "It opens in a new tab. Its address is your private link: keep it to reply; do not "
          "share it."));
  return expand("site_sent.html", page);
}

std::string draw_message(const Frame& frame, std::string_view title, std::string_view text,
                         const Reference& reference, bool sent) {
  TemplateDictionary page("message");
  if (sent) page.ShowSection("IS_SENT");
  set(page, "HEADING", title);
  set(page, "TEXT", text);
  const bool console = frame.path.starts_with("/console");
  // No other page of ours may be shown in the frame.
  if (!frame.framed) {
    auto& back = *page.AddSectionDictionary("LEAVE");
    set(back, "BACK_HREF", console ? "/console" : "/");
    set(back, "BACK",
        console ? pick(frame.language, "Ke ruang kerja petugas", "To the officers' console")
                : pick(frame.language, "Ke halaman depan", "To the front page"));
  }
  if (!reference.text.empty()) {
    auto& referred = *page.AddSectionDictionary("REFERRED");
    set(referred, "REFERENCE_WORD", reference.label);
    set(referred, "REFERENCE", reference.text);
  }
  return enclose(frame, title, expand("site_message.html", page), false);
}

// What is reopened goes on where it was.
State works_on(const View& view) {
  if (view.state != State::reopened) return view.state;
  if (!view.unit.empty()) return State::at_unit;
  return view.agency.empty() ? State::reopened : State::at_agency;
}

}  // namespace

void Tracking::offer(std::span<const Move> moves) {
  for (const auto& move : moves) {
    may_confirm |= move.event == Event::confirm;
    may_dispute |= move.event == Event::dispute;
    may_rate |= move.event == Event::rate;
    may_reopen |= move.event == Event::reopen;
    may_reply |= move.event == Event::comment || move.event == Event::complete;
  }
}

std::string home_page(const Frame& frame, const Doors& doors) {
  const auto say = [&](std::string_view id, std::string_view en) {
    return pick(frame.language, id, en);
  };
  TemplateDictionary page("home");
  const auto heading =
      say("Ada masalah dengan layanan publik?", "A problem with a public service?");
  set(page, "HEADING", heading);
  set(page, "LEAD",
      doors.leads_on || !doors.named.empty()
          ? say("Sampaikan di sini. Kami teruskan ke instansi yang tepat dan kabari Anda "
                "sampai selesai.",
                "Tell us here. We pass it to the right office and keep you informed until "
                "it is solved.")
          : say("Sampaikan kepada kami. Kami teruskan ke instansi yang tepat dan kabari Anda "
                "sampai selesai.",
                "Tell us. We pass it to the right office and keep you informed until it is "
                "solved."));
  if (doors.leads_on) {
    set(*page.AddSectionDictionary("FORM"), "REPORT",
        say("Sampaikan pengaduan", "Make a complaint"));
  }
  if (!doors.named.empty()) {
    auto& named = *page.AddSectionDictionary("NAMED_FORMS");
    set(named, "NAMED_WORD",
        doors.leads_on ? say("Formulir untuk hal tertentu", "Forms for particular matters")
                       : say("Pilih formulirnya", "Choose a form"));
    for (const auto& form : doors.named) {
      auto& row = *named.AddSectionDictionary("NAMED_FORM");
      set(row, "NAMED_HREF", "/report/" + percent_encode(form.name));
      set(row, "NAMED_TITLE", form.title);
    }
  }
  set(page, "CHECK", say("Cek status laporan", "Check your report"));
  set(page, "CHECK_HELP",
      say("Dua belas angka, misalnya 1234-5678-9012.", "Twelve digits, such as 1234-5678-9012."));
  set(page, "LOOK", say("Periksa", "Check"));
  set(page, "HOW", say("Cara kerja", "How it works"));
  const auto step = [&](std::string_view title, std::string_view text) {
    auto& row = *page.AddSectionDictionary("STEP");
    set(row, "STEP_TITLE", title);
    set(row, "STEP_TEXT", text);
  };
  step(say("Anda menulis", "You write"), say("Ceritakan, tambahkan foto, dan simpan nomornya.",
                                             "Tell us, add a photo, and keep the number."));
  step(say("Kami teruskan", "We pass it on"), say("Petugas memeriksa dan memilih instansinya.",
                                                  "An officer checks it and picks the office."));
  step(say("Instansi menjawab", "The office answers"),
       say("Anda menilai: sudah selesai, atau belum.", "You judge: solved, or not yet."));
  return enclose(frame, heading, expand("site_home.html", page), true);
}

std::string form_page(const Frame& frame, const FormView& form, std::string_view action) {
  TemplateDictionary page("form");
  set(page, "TITLE", form.title);
  set(page, "ACTION", action);
  set(page, "TOKEN", form.token);
  set(page, "FORM", form.form);
  set(page, "LATITUDE", form.latitude);
  set(page, "LONGITUDE", form.longitude);
  set(page, "LEAVE_EMPTY", pick(frame.language, "Biarkan kosong", "Leave empty"));
  set(page, "SEND", pick(frame.language, "Kirim laporan", "Send the report"));
  if (!form.message.empty()) {
    auto& wrong = *page.AddSectionDictionary("WRONG");
    set(wrong, "MESSAGE", form.message);
    for (const auto& field : form.fields) {
      if (field.message.empty()) continue;
      auto& line = *wrong.AddSectionDictionary("WRONG_FIELD");
      set(line, "FIELD", field.name);
      set(line, "LABEL", field.label);
      set(line, "PROBLEM", field.message);
    }
  }
  for (const auto& field : form.fields) draw_field(page, field, frame.language);
  return enclose(frame, form.title, expand("site_form.html", page), !frame.framed);
}

std::string tracking_page(const Frame& frame, const Tracking& tracking) {
  const auto say = [&](std::string_view id, std::string_view en) {
    return pick(frame.language, id, en);
  };
  const auto& view = tracking.view;
  TemplateDictionary page("tracking");
  set(page, "CODE", grouped(view.code));
  set(page, "PLAIN_CODE", view.code.value());
  set(page, "SECRET", tracking.secret);
  set(page, "NUMBER_WORD", say("Nomor laporan", "Report number"));
  set(page, "TITLE", title_of(view, frame.language));
  const bool own = !tracking.secret.empty();
  const auto reader = own ? Reader::reporter : Reader::anyone;
  set(page, "STATE", state_words(view.state, reader, frame.language));
  set(page, "NEXT", next_words(works_on(view), reader, frame.language));
  if (!own) {
    set(*page.AddSectionDictionary("OTHERS"), "OTHERS_WORD",
        say("Ini laporan Anda? Balas dengan cara Anda melapor (misalnya SMS, surel, atau X), atau "
            "buka tautan pribadi Anda.",
            "Is this yours? Reply the way you reported (by SMS, email or X, say), or open your "
            "private link."));
  }
  if (!tracking.goes_on_at.empty()) {
    auto& on = *page.AddSectionDictionary("GOES_ON");
    set(on, "GOES_ON_HREF", "/r/" + tracking.goes_on_at.value());
    set(on, "GOES_ON_WORD",
        std::string(say("Dilanjutkan di laporan ", "It goes on in report ")) +
            grouped(tracking.goes_on_at));
  }
  set(page, "HISTORY_WORD", say("Perjalanan laporan", "What has happened"));
  if (tracking.just_sent) {
    set(page, "SENT",
        draw_sent(frame, {view.code, tracking.secret_link, view.confidential, false, false}));
  }
  if (!tracking.message.empty())
    set(*page.AddSectionDictionary("NEWS"), "MESSAGE", tracking.message);
  if (!tracking.done.empty()) set(*page.AddSectionDictionary("DONE"), "MESSAGE", tracking.done);
  if (view.due_at) {
    auto& due = *page.AddSectionDictionary("DUE");
    set(due, "DUE_WORD",
        view.state == State::needs_info ? say("Balas paling lambat", "Reply by")
        : view.state == State::answered ? say("Ditutup otomatis pada", "Closes automatically on")
                                        : say("Langkah berikutnya paling lambat", "Next step by"));
    set(due, "DUE_DATE", date_words(*view.due_at, frame.organisation.time_zone, frame.language));
  }
  const auto support = support_words(view.support, frame.language);
  if (!support.empty()) set(*page.AddSectionDictionary("SUPPORT"), "SUPPORT_WORDS", support);
  draw_acts(page, tracking, frame.language);
  draw_history(page, frame, tracking);
  if (!view.text.empty() || tracking.erased) {
    auto& text = *page.AddSectionDictionary("TEXT_BLOCK");
    set(text, "TEXT_WORD", say("Isi laporan", "The report"));
    set(text, "TEXT", view.text.empty() ? erased_words(frame.language) : view.text);
  }
  if (!tracking.files.empty()) {
    auto& block = *page.AddSectionDictionary("FILE_BLOCK");
    set(block, "FILES_WORD", say("Berkas yang kami terima", "Files that we have received"));
    for (const auto& file : tracking.files) {
      set(*block.AddSectionDictionary("FILE"), "FILE_NAME", file);
    }
  }
  return enclose(frame, title_of(view, frame.language), expand("site_tracking.html", page), false);
}

std::string reports_page(const Frame& frame, std::span<const View> reports, std::string_view words,
                         const TrackingCode& before) {
  TemplateDictionary page("reports");
  const auto heading = pick(frame.language, "Laporan publik", "Public reports");
  set(page, "HEADING", heading);
  set(page, "SEARCH", pick(frame.language, "Cari", "Search"));
  set(page, "SEARCH_HELP", pick(frame.language, "Kata di dalam laporan", "Words in a report"));
  set(page, "WORDS", words);
  if (reports.empty()) {
    set(*page.AddSectionDictionary("NONE"), "NONE_WORD",
        words.empty() ? pick(frame.language, "Belum ada laporan publik.", "No public reports yet.")
                      : pick(frame.language, "Tidak ada laporan yang cocok. Coba kata lain.",
                             "No reports match. Try other words."));
  }
  for (const auto& view : reports) {
    auto& row = *page.AddSectionDictionary("REPORT");
    set(row, "CODE", view.code.value());
    set(row, "TITLE", title_of(view, frame.language));
    set(row, "STATE", state_words(view.state, Reader::anyone, frame.language));
    const auto* agency = frame.organisation.agency(view.agency);
    set(row, "AGENCY", agency == nullptr ? frame.organisation.name : agency->name);
    set(row, "AT", date_words(view.received_at, frame.organisation.time_zone, frame.language));
  }
  if (!before.empty()) {
    auto& older = *page.AddSectionDictionary("OLDER");
    set(older, "OLDER_WORD", pick(frame.language, "Lebih lama", "Older"));
    set(older, "OLDER_HREF",
        "/reports?" + (words.empty() ? "" : "q=" + percent_encode(words) + "&") +
            "before=" + before.value());
  }
  return enclose(frame, heading, expand("site_reports.html", page), true);
}

std::string statistics_page(const Frame& frame, const Figures& figures) {
  TemplateDictionary page("statistics");
  const auto heading = pick(frame.language, "Statistik", "Statistics");
  set(page, "HEADING", heading);
  set(page, "SCOPE", pick(frame.language, "Dari semua laporan publik.", "Of all public reports."));
  const auto add = [&](std::string_view name, int value) {
    auto& row = *page.AddSectionDictionary("FIGURE");
    set(row, "FIGURE_NAME", name);
    set(row, "FIGURE_VALUE", std::to_string(value));
  };
  add(pick(frame.language, "Laporan", "Reports"), figures.received);
  add(pick(frame.language, "Sudah ditanggapi, menunggu pelapor",
           "Answered, waiting for the reporter"),
      figures.answered);
  add(pick(frame.language, "Selesai", "Closed"), figures.closed);
  add(pick(frame.language, "Melewati tenggat", "Overdue"), figures.overdue);
  return enclose(frame, heading, expand("site_statistics.html", page), true);
}

Reference reference_of(const std::string& request, std::string_view language) {
  return {pick(language, "Kode gangguan:", "Error code:"), request};
}

std::string message_page(const Frame& frame, std::string_view title, std::string_view text,
                         const Reference& reference) {
  return draw_message(frame, title, text, reference, false);
}

std::string no_form_page(const Frame& frame, bool has_form) {
  const auto say = [&](std::string_view id, std::string_view en) {
    return pick(frame.language, id, en);
  };
  return draw_message(
      frame, say("Tidak ada formulir di sini", "There is no form here"),
      has_form ? say("Periksa lagi tautannya, atau mulai dari halaman depan.",
                     "Please check the link, or begin on the front page.")
               : say("Situs ini tidak menerima pengaduan lewat formulir. Silakan pakai kanal kami "
                     "yang lain.",
                     "This site takes no complaints by form. Please use one of our other ways."),
      {}, false);
}

std::string sent_page(const Frame& frame, std::string_view title, std::string_view text,
                      const Reference& reference) {
  return draw_message(frame, title, text, reference, true);
}

std::string numbered_page(const Frame& frame, std::string_view title, const Sent& sent) {
  TemplateDictionary page("sent_apart");
  set(page, "HEADING", title);
  set(page, "SENT", draw_sent(frame, sent));
  return enclose(frame, title, expand("site_sent_apart.html", page), false);
}

}  // namespace kanal::site
