// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/report_page.hpp"

#include "tools/entry_text.hpp"
#include "tools/outputs/markup.hpp"
#include "tools/outputs/report_charts.hpp"
#include "tools/outputs/report_template.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

constexpr std::size_t id_size = 80;
constexpr std::size_t problem_size = 300;
constexpr std::size_t kinds_open = 4;  // whose examples are shown at once

std::string icon(verdict value) {
  const std::string name(to_string(value));
  return "<svg class=\"icon " + name + "\" aria-hidden=\"true\"><use href=\"#" + name +
         "\"/></svg>";
}

std::string uploads(std::uint64_t count) {
  return grouped(count) + (count == 1 ? " upload" : " uploads");
}

/// `2026-01-31 23:59:59 UTC`
std::string date_and_time(timeline::time_point value) {
  std::string out = utc(value).substr(0, 19) + " UTC";
  out[10] = ' ';
  return out;
}

std::string headline_of(const tally& whole) {
  const auto total = whole.total();
  const auto cancelled = whole.count(verdict::cancelled);
  if (total == 0) return "There was nothing to verify";
  if (whole.problems() != 0) {
    return grouped(whole.problems()) + " of " + uploads(total) +
           (whole.problems() == 1 ? " has a problem" : " have a problem");
  }
  if (cancelled != 0) return "Stopped with " + uploads(cancelled) + " not verified";
  return total == 1 ? "The upload is verified" : "All " + uploads(total) + " are verified";
}

/// What the headline's icon shows: the worst that happened.
verdict headline_verdict(const tally& whole) {
  if (whole.total() == 0) return verdict::cancelled;
  if (whole.count(verdict::failed) != 0) return verdict::failed;
  for (const auto value : {verdict::mismatched, verdict::missing, verdict::forbidden}) {
    if (whole.count(value) != 0) return value;
  }
  return whole.count(verdict::cancelled) != 0 ? verdict::cancelled : verdict::verified;
}

std::string lead_of(const tally& whole) {
  if (whole.total() == 0) return "The manifest had no rows.";
  std::string out;
  if (whole.problems() == 0) {
    out = "Every answer came, and every expected field agrees.";
    if (whole.count(verdict::verified) == 0) out = "No upload was looked up to its end.";
  } else if (whole.count(verdict::failed) == 0) {
    out = "The service answered for all of them; what it said is not what was expected.";
  } else {
    out = "For " + uploads(whole.count(verdict::failed)) + " no usable answer could be had.";
  }
  if (const auto count = whole.count(verdict::cancelled); count != 0) {
    out += " The run was stopped before " + uploads(count) + (count == 1 ? " was" : " were") +
           " looked up.";
  }
  return out;
}

std::string headline(const tally& whole) {
  return "<h1>" + icon(headline_verdict(whole)) + "<span>" + headline_of(whole) +
         "</span></h1>\n<p class=\"lead\">" + lead_of(whole) + "</p>";
}

std::string fact(std::string_view name, const std::string& value, const std::string& note) {
  return "<div><dt>" + std::string(name) + "</dt><dd>" + value +
         (note.empty() ? "" : " <span class=\"note\">" + note + "</span>") + "</dd></div>\n";
}

std::string facts(const tally& whole) {
  if (whole.total() == 0) return {};
  std::string out = "<dl class=\"facts\">\n";
  const timeline& times = whole.times();
  if (!times.empty()) {
    const auto active = times.active();
    const auto paused = times.ended() - times.began() - active;
    const std::string begun = date_and_time(times.began());
    out += fact("Started", begun.substr(0, 10), begun.substr(11));
    out += fact("Took", spoken(active),
                paused == timeline::milliseconds::zero() ? "" : "and paused for " + spoken(paused));
    const double rate = per_second(whole.latencies().count(), active);
    out +=
        fact("Throughput", rate < 10 ? fixed(rate, 1) : grouped(static_cast<std::uint64_t>(rate)),
             "uploads a second");
  }
  std::uint64_t retries = 0;
  for (const auto& cause : whole.retries())
    retries += cause.count;
  out += fact("Attempts", grouped(whole.attempts()),
              retries == 0 ? "none made again" : grouped(retries) + " made again");
  if (whole.latencies().count() != 0) {
    out += fact("Half within", spoken(whole.latencies().within(0.5)), "of the lookups");
    out += fact("99 % within", spoken(whole.latencies().within(0.99)), "of the lookups");
  }
  return out + "</dl>";
}

std::string verdicts(const tally& whole) {
  std::string out = verdict_bar(whole) + "<ul class=\"verdicts\">\n";
  for (std::size_t index = 0; index < verdict_count; ++index) {
    const auto value = static_cast<verdict>(index);
    const auto count = whole.count(value);
    const double part = 100 * static_cast<double>(count) /
                        static_cast<double>(std::max<std::uint64_t>(whole.total(), 1));
    // Few among many are not none, and all but a few are not all.
    std::string share = fixed(part, part < 9.95 || (part > 99 && part < 100) ? 1 : 0) + " %";
    if (count != 0 && part < 0.1) share = "&lt; 0.1 %";
    if (count != whole.total() && part > 99.9) share = "&gt; 99.9 %";
    out += "<li" + std::string(count == 0 ? " class=\"zero\"" : "") + "><p class=\"name\">" +
           icon(value) + "<span>" + std::string(to_string(value)) +
           "</span></p><p class=\"count\">" + grouped(count) +
           (count == 0 ? "" : " <span class=\"part\">" + share + "</span>") +
           "</p><p class=\"meaning\">" + std::string(meaning_of(value)) + "</p></li>\n";
  }
  return out + "</ul>";
}

std::string charts(const tally& whole) {
  const auto times = whole.times().drawn();
  return latency_chart(whole) + throughput_chart(times) + limit_chart(times) + retries_chart(whole);
}

std::string kind_of(const problem_group& group) {
  return group.fields.empty() ? group.code : joined(group.fields);
}

std::string kind(const problem_group& group, std::uint64_t problems, bool open) {
  const std::string name = markup(kind_of(group), id_size);
  const std::string value(to_string(group.verdict));
  std::string out =
      "<article class=\"card kind\"><h3>" + icon(group.verdict) + "<span>" + value + "</span>";
  if (!name.empty()) {
    out +=
        "<span class=\"code\">" + std::string(group.fields.empty() ? "" : "in ") + name + "</span>";
  }
  const double part = 100 * static_cast<double>(group.count) / static_cast<double>(problems);
  out += "</h3><p class=\"count\">" + grouped(group.count) + "<small>" +
         (part < 0.95 ? "&lt; 1" : fixed(part, 0)) + " % of the problems</small></p>";
  out += "<p class=\"advice\">";
  if (!group.advice.empty()) out += "<b>What to do:</b> " + markup(group.advice);
  out += "</p>";
  // Rows of what is gathered under "other" bear their own kinds.
  if (group.code != tally::other) {
    out += "<button type=\"button\" class=\"link only\" data-v=\"" + value + "\" data-c=\"" + name +
           "\" hidden>Show these rows</button>";
  }
  out += "<details" + std::string(open ? " open" : "") + "><summary>Examples</summary><ul>";
  for (const auto& example : group.examples)
    out += "<li>" + markup(example, problem_size) + "</li>";
  if (const auto rest = group.count - group.examples.size(); rest != 0) {
    out += "<li>and " + grouped(rest) + " more</li>";
  }
  return out + "</ul></details></article>\n";
}

std::string kinds(const tally& whole) {
  if (whole.groups().empty()) return "<p class=\"empty\">Nothing.</p>";
  auto groups = whole.groups();
  std::sort(groups.begin(), groups.end(),
            [](const problem_group& left, const problem_group& right) {
              return std::tie(right.count, left.verdict, left.code, left.fields) <
                     std::tie(left.count, right.verdict, right.code, right.fields);
            });
  std::string out = "<div class=\"kinds\">\n";
  for (std::size_t at = 0; at < groups.size(); ++at)
    out += kind(groups[at], whole.problems(), at < kinds_open);
  return out + "</div>";
}

std::string chip(verdict value) {
  const std::string name(to_string(value));
  return "<button type=\"button\" class=\"chip\" data-v=\"" + name + "\" aria-pressed=\"false\">" +
         icon(value) + "<span>" + name + "</span></button>";
}

std::string chips(const tally& whole) {
  std::string out;
  for (const auto value :
       {verdict::mismatched, verdict::missing, verdict::forbidden, verdict::failed}) {
    if (whole.count(value) != 0) out += chip(value);
  }
  return out;
}

/// What is wrong without the names, which stand beside it.
std::string bare_problem(const journal_entry& row) {
  std::string out = problem_of(row);
  const std::string path = printable(path_of(row)) + ": ";
  if (const auto at = out.find(path); at != std::string::npos) out.erase(0, at + path.size());
  return out;
}

std::string cells(const journal_entry& row) {
  const std::string value(to_string(row.verdict));
  const std::string kind =
      row.verdict == verdict::mismatched ? joined(fields_of(row)) : code_of(row);
  return "<tr data-v=\"" + value + "\" data-c=\"" + markup(kind, id_size) +
         "\"><td class=\"number\">" + grouped(row.row) + "</td><td><span class=\"verdict\">" +
         icon(row.verdict) + "<span>" + value + "</span></span></td><td class=\"code\">" +
         markup(row.image_id, id_size) + "<small>" + markup(row.product_id, id_size) +
         "</small></td><td>" + markup(bare_problem(row), problem_size) +
         "</td><td class=\"number\">" + grouped(row.attempts) + "</td><td class=\"number\">" +
         spoken(row.latency) + "</td></tr>\n";
}

}  // namespace

report_page::report_page(std::ostream& out, std::string journal)
    : out_(out), journal_(std::move(journal)), rest_(report_template) {}

void report_page::write(std::string_view text) {
  bytes_ += text.size();
  out_ << text;
}

void report_page::write_until(std::string_view place) {
  const std::string mark = "{{" + std::string(place) + "}}";
  const auto at = place.empty() ? rest_.size() : rest_.find(mark);
  write(rest_.substr(0, at));
  rest_.remove_prefix(place.empty() ? at : at + mark.size());
}

void report_page::begin(const tally& whole) {
  const std::pair<std::string_view, std::string> parts[] = {
      {"title", headline_of(whole)}, {"headline", headline(whole)}, {"facts", facts(whole)},
      {"verdicts", verdicts(whole)}, {"charts", charts(whole)},     {"kinds", kinds(whole)},
      {"chips", chips(whole)},
  };
  for (const auto& [place, text] : parts) {
    write_until(place);
    write(text);
  }
  write_until("rows");
}

void report_page::add(const journal_entry& row) {
  if (row.verdict == verdict::verified || row.verdict == verdict::cancelled) return;
  if (shown_ < rows_kept && bytes_ < bytes_kept) {
    write(cells(row));
    ++shown_;
  } else {
    ++left_out_;
  }
}

void report_page::end() {
  const std::string where =
      journal_.empty() ? "the run's journal" : "the journal, <code>" + markup(journal_) + "</code>";
  write_until("more");
  if (left_out_ != 0) {
    out_ << "<p class=\"more\">These are the first " << grouped(shown_) << " problem rows; "
         << grouped(left_out_) << " more are in " << where << ".</p>";
  } else if (shown_ == 0) {
    out_ << "<p class=\"empty\">No row has a problem.</p>";
  }
  write_until("footer");
  out_ << "Every row of the run, verified ones included, is in " << where
       << ". Times are UTC. This page is complete in itself and asks no network for anything.";
  write_until("");
}

}  // namespace binarly::tools
