// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/report_charts.hpp"

#include "tools/outputs/markup.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

// Texts in a drawing must not shrink with it. So widths are in percent, heights in pixels, and only
// lines, which keep their stroke, are drawn to a scale of their own.

namespace binarly::tools {

namespace {

using milliseconds = timeline::milliseconds;
using slice = timeline::slice;

constexpr double plot_height = 150;
constexpr double labels_height = 26;
constexpr double scale = 1000;  // of what is drawn to its own

std::string number(double value) { return fixed(value, 2); }

std::string percent(double part) { return number(100 * part) + '%'; }

std::string share_of(std::uint64_t part, std::uint64_t whole) {
  const double value =
      100 * static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
  if (part != 0 && value < 0.1) return "less than 0.1 %";
  if (part != whole && value > 99.9) return "more than 99.9 %";
  return fixed(value, value < 10 || value > 99 ? 1 : 0) + " %";
}

/// A number of an axis or a readout: whole where that is enough.
std::string brief(double value) {
  if (value >= 100 || value == std::floor(value)) {
    return grouped(static_cast<std::uint64_t>(std::llround(value)));
  }
  return fixed(value, value < 10 ? 2 : 1);
}

struct vertical_axis {
  double step = 1;
  double top = 1;

  explicit vertical_axis(double highest)
      : step(axis_step(highest)), top(step * std::max(std::ceil(highest / step), 1.0)) {}
  /// From the top of the plot, as a part of its height.
  [[nodiscard]] double at(double value) const { return 1 - std::min(value / top, 1.0); }
};

struct frame {
  double above = 10;  ///< the room above the plot
  std::string labels;
  std::string grid;

  [[nodiscard]] double y(double part) const { return above + part * plot_height; }
  [[nodiscard]] double height() const { return above + plot_height + labels_height; }
};

std::string axis_label(const std::string& y, double value) {
  return "<text x=\"100%\" dx=\"-10\" y=\"" + y + "\" dy=\"4\" text-anchor=\"end\">" +
         brief(value) + "</text>";
}

std::string axis_line(const std::string& y, std::string_view kind) {
  return "<line class=\"" + std::string(kind) + "\" x1=\"0\" x2=\"100%\" y1=\"" + y + "\" y2=\"" +
         y + "\"/>";
}

frame frame_of(const vertical_axis& axis, double above) {
  frame out;
  out.above = above;
  const auto steps = std::llround(axis.top / axis.step);
  for (long long step = 0; step <= steps; ++step) {
    const double value = axis.step * static_cast<double>(step);
    const std::string y = number(out.y(axis.at(value)));
    out.labels += axis_label(y, value);
    out.grid += axis_line(y, step == 0 ? "base" : "grid");
  }
  return out;
}

/// `kind` is a class, for marks that are left out where there is no room for them.
std::string tick(double part, double height, const std::string& label, std::string_view kind = "") {
  return "<text" + (kind.empty() ? "" : " class=\"" + std::string(kind) + '"') + " x=\"" +
         percent(part) + "\" y=\"" + number(height - 6) + "\" text-anchor=\"" +
         (part > 0.97 ? "end" : "middle") + "\">" + label + "</text>";
}

/// A figure around what was drawn. `readout` says in words what the drawing shows.
std::string figure(std::string_view title, const std::string& readout, const frame& around,
                   const std::string& drawn, std::string_view key) {
  const std::string height = number(around.height());
  std::string out =
      "<figure><figcaption><h3>" + std::string(title) + "</h3><p class=\"readout\">" + readout +
      "</p></figcaption>\n<div class=\"plot\"><svg class=\"axis\" height=\"" + height +
      "\" aria-hidden=\"true\">" + around.labels + "</svg><svg class=\"area\" height=\"" + height +
      "\" role=\"img\" aria-label=\"" + std::string(title) + ": " + readout + "\">" + around.grid +
      drawn + "</svg></div>";
  if (!key.empty()) out += "<ul class=\"key\">" + std::string(key) + "</ul>";
  return out + "</figure>\n";
}

std::string without_plot(std::string_view title, std::string_view words) {
  return "<figure><figcaption><h3>" + std::string(title) + "</h3></figcaption><p class=\"empty\">" +
         std::string(words) + "</p></figure>\n";
}

std::string key_entry(std::string_view mark, std::string_view words) {
  return "<li><svg viewBox=\"0 0 14 9\" aria-hidden=\"true\">" + std::string(mark) + "</svg>" +
         std::string(words) + "</li>";
}

/// `7.9 ms`, `63 ms`, `1.58 s`: the edge of a bin.
std::string edge_in_words(std::size_t bin) { return spoken(latency_bins::edge(bin)); }

/// `10 ms` rather than `10.0 ms`: the mark of an axis, for 1, 2 or 5 times a power of ten.
std::string round_latency(std::size_t bin) {
  constexpr std::array<std::string_view, 3> units{" µs", " ms", " s"};
  constexpr std::array<std::string_view, 3> zeros{"", "0", "00"};
  const std::size_t decade = bin / latency_bins::per_decade + 1;  // above a microsecond
  const std::size_t rest = bin % latency_bins::per_decade;
  const std::string digit = rest == 0 ? "1" : rest == 3 ? "2" : "5";
  if (decade / 3 >= units.size()) return digit + "000 s";
  return digit + std::string(zeros[decade % 3]) + std::string(units[decade / 3]);
}

struct bins {
  std::size_t first = 0;
  std::size_t last = 0;
  std::uint64_t highest = 0;

  [[nodiscard]] double width() const { return 1.0 / static_cast<double>(last - first + 1); }
  /// Where a latency stands, as a part of the width.
  [[nodiscard]] double at(std::chrono::nanoseconds latency) const {
    const double value =
        std::log10(static_cast<double>(std::max<std::int64_t>(latency.count(), 1)));
    const double begin = std::log10(static_cast<double>(latency_bins::edge(first).count()));
    const double bin = (value - begin) * latency_bins::per_decade;
    return std::clamp(bin * width(), 0.0, 1.0);
  }
};

/// The bins that are used, and at least a decade of them.
bins used_bins(const latency_bins& counts) {
  bins out;
  out.first = latency_bins::size - 1;
  for (std::size_t bin = 0; bin < latency_bins::size; ++bin) {
    if (counts[bin] == 0) continue;
    out.first = std::min(out.first, bin);
    out.last = bin;
    out.highest = std::max(out.highest, counts[bin]);
  }
  while (out.last - out.first + 1 < latency_bins::per_decade + 2) {
    if (out.first != 0) --out.first;
    if (out.last + 1 != latency_bins::size) ++out.last;
  }
  return out;
}

/// What is pointed at to read a figure.
std::string cover(double left, double width, const frame& around) {
  return "<rect class=\"cover\" x=\"" + percent(left) + "\" y=\"" + number(around.above) +
         "\" width=\"" + percent(width) + "\" height=\"" + number(plot_height) + "\"/>";
}

std::string latency_bar(double left, double width, double height, const frame& around) {
  return "<rect class=\"bar\" x=\"" + percent(left) + "\" y=\"" + number(around.y(1) - height) +
         "\" width=\"" + percent(width) + "\" height=\"" + number(height) + "\"/>";
}

std::string latency_bars(const tally& whole, const bins& used, const vertical_axis& axis,
                         const frame& around) {
  std::string out;
  for (std::size_t bin = used.first; bin <= used.last; ++bin) {
    const std::uint64_t count = whole.latency_shape()[bin];
    if (count == 0) continue;
    const double left = static_cast<double>(bin - used.first) * used.width();
    const double width = used.width() * 0.92;
    // A single slow lookup among a million must still be seen.
    const double height = std::max(plot_height * (1 - axis.at(static_cast<double>(count))), 1.5);
    out += "<g class=\"hit\"><title>" + edge_in_words(bin) + " to " + edge_in_words(bin + 1) +
           ": " + grouped(count) + (count == 1 ? " lookup, " : " lookups, ") +
           share_of(count, whole.latencies().count()) + "</title>" +
           latency_bar(left, width, height, around) + cover(left, width, around) + "</g>";
  }
  return out;
}

std::string latency_ticks(const bins& used, double height) {
  std::string out;
  const bool fine = used.last - used.first < 2 * latency_bins::per_decade + 4;
  for (std::size_t bin = used.first; bin <= used.last + 1; ++bin) {
    const std::size_t rest = bin % latency_bins::per_decade;
    if (rest != 0 && !(fine && (rest == 3 || rest == 7))) continue;
    out += tick(static_cast<double>(bin - used.first) * used.width(), height, round_latency(bin),
                rest == 0 ? "" : "minor");
  }
  return out;
}

/// The percentiles, each on a line of its own, so that they cannot cover each other.
std::string latency_marks(const latency_histogram& latencies, const bins& used,
                          const frame& around) {
  const std::array<std::pair<std::string_view, std::chrono::nanoseconds>, 4> marks{{
      {"p50", latencies.within(0.5)},
      {"p90", latencies.within(0.9)},
      {"p99", latencies.within(0.99)},
      {"max", latencies.longest()},
  }};
  std::string out;
  double y = 11;
  for (const auto& [name, value] : marks) {
    const double part = used.at(value);
    const bool right = part < 0.68;
    out += "<line class=\"guide\" x1=\"" + percent(part) + "\" x2=\"" + percent(part) + "\" y1=\"" +
           number(y - 8) + "\" y2=\"" + number(around.y(1)) + "\"/><text class=\"mark\" x=\"" +
           percent(part) + "\" y=\"" + number(y) + "\" dx=\"" + (right ? "6" : "-6") +
           "\" text-anchor=\"" + (right ? "start" : "end") + "\">" + std::string(name) + ' ' +
           spoken(value) + "</text>";
    y += 16;
  }
  return out;
}

/// Where the slices stand side by side: a pause takes a little room, whatever its length.
class horizontal_axis {
 public:
  explicit horizontal_axis(const timeline::picture& times) : width_(times.width) {
    std::size_t slices = 0;
    for (const auto& stretch : times.stretches)
      slices += stretch.slices.size();
    const double pauses = static_cast<double>(times.stretches.size() - 1);
    // All pauses together take a third of the width at the most.
    const double room = static_cast<double>(slices);
    gap_ = pauses == 0 ? 0 : std::min(room * 0.03, room * 0.5 / pauses);
    whole_ = room + gap_ * pauses;
    double at = 0;
    for (const auto& stretch : times.stretches) {
      begins_.push_back(at);
      sizes_.push_back(stretch.slices.size());
      at += static_cast<double>(stretch.slices.size()) + gap_;
    }
  }

  /// Where so many slices of a stretch end, as a part of the width.
  [[nodiscard]] double at(std::size_t stretch, double slices) const {
    return (begins_[stretch] + slices) / whole_;
  }
  [[nodiscard]] double gap() const { return gap_ / whole_; }

  [[nodiscard]] std::string ticks(double height) const {
    milliseconds whole{};
    for (const auto size : sizes_)
      whole += width_ * size;
    const auto step = time_step(whole);
    std::string out;
    milliseconds done{};
    milliseconds next{};
    for (std::size_t stretch = 0; stretch < sizes_.size(); ++stretch) {
      const auto end = done + width_ * sizes_[stretch];
      for (; next <= end; next += step) {
        const double slices =
            static_cast<double>((next - done).count()) / static_cast<double>(width_.count());
        out += tick(at(stretch, slices), height, label(next, step));
      }
      done = end;
    }
    return out;
  }

 private:
  static std::string label(milliseconds value, milliseconds step) {
    using std::chrono::duration_cast;
    if (value == milliseconds::zero()) return "0";
    const double seconds = static_cast<double>(value.count()) / 1e3;
    if (step < std::chrono::seconds(1)) {
      return fixed(seconds, step.count() < 10 ? 3 : step.count() < 100 ? 2 : 1) + " s";
    }
    if (step < std::chrono::minutes(1)) return fixed(seconds, 0) + " s";
    if (step < std::chrono::hours(1)) return fixed(seconds / 60, 0) + " min";
    return fixed(seconds / 3600, 0) + " h";
  }

  milliseconds width_;
  double gap_ = 0;
  double whole_ = 1;
  std::vector<double> begins_;
  std::vector<std::size_t> sizes_;
};

std::string pauses(const timeline::picture& times, const horizontal_axis& axis,
                   const frame& around) {
  std::string out;
  for (std::size_t stretch = 1; stretch < times.stretches.size(); ++stretch) {
    out += "<g class=\"hit\"><title>paused for " + spoken(times.stretches[stretch].pause) +
           "</title><rect class=\"pause\" x=\"" + percent(axis.at(stretch, 0) - axis.gap()) +
           "\" y=\"" + number(around.above) + "\" width=\"" + percent(axis.gap()) + "\" height=\"" +
           number(plot_height) + "\"/></g>";
  }
  return out;
}

/// How long a slice lasted: the first and the last one of a stretch may be cut, but are not
/// shortened to a moment in which a single row would look like many a second.
double seconds_of(const timeline::stretch& all, std::size_t at, milliseconds width) {
  const auto begin = timeline::time_point(width * all.slices[at].number);
  const auto covered = std::min(begin + width, all.ended) - std::max(begin, all.begun);
  return std::chrono::duration<double>(std::clamp(covered, (width + milliseconds(1)) / 2, width))
      .count();
}

/// A line in steps over one stretch; `value` gives the height of each slice as a part from the top.
template <class Value>
std::string stepped(const horizontal_axis& axis, std::size_t stretch, std::size_t slices,
                    const Value& value) {
  std::string out;
  for (std::size_t at = 0; at < slices; ++at) {
    if (at == 0) out += 'M' + number(scale * axis.at(stretch, 0)) + ' ';
    if (at != 0) out += 'V';
    out += number(plot_height * value(at));
    out += 'H' + number(scale * axis.at(stretch, static_cast<double>(at + 1)));
  }
  return out;
}

template <class Value>
std::string filled(const horizontal_axis& axis, std::size_t stretch, std::size_t slices,
                   const Value& value) {
  return stepped(axis, stretch, slices, value) + 'V' + number(plot_height) + 'H' +
         number(scale * axis.at(stretch, 0)) + 'Z';
}

std::string path(std::string_view kind, const std::string& data) {
  return data.empty() ? "" : "<path class=\"" + std::string(kind) + "\" d=\"" + data + "\"/>";
}

std::string scaled(const frame& around, const std::string& paths) {
  return "<svg y=\"" + number(around.above) + "\" width=\"100%\" height=\"" + number(plot_height) +
         "\" viewBox=\"0 0 " + fixed(scale, 0) + ' ' + fixed(plot_height, 0) +
         "\" preserveAspectRatio=\"none\">" + paths + "</svg>";
}

/// What tells a slice's figures when it is pointed at.
template <class Words>
std::string covers(const timeline::picture& times, const horizontal_axis& axis, const frame& around,
                   const Words& words) {
  std::string out;
  milliseconds since{};
  for (std::size_t stretch = 0; stretch < times.stretches.size(); ++stretch) {
    const auto& slices = times.stretches[stretch].slices;
    for (std::size_t at = 0; at < slices.size(); ++at, since += times.width) {
      const double left = axis.at(stretch, static_cast<double>(at));
      const double right = axis.at(stretch, static_cast<double>(at + 1));
      out += "<g class=\"hit\"><title>" + spoken(since) +
             " after the start: " + words(times.stretches[stretch], at) + "</title>" +
             cover(left, right - left, around) + "</g>";
    }
  }
  return out;
}

double mean_limit(const slice& one) {
  return static_cast<double>(one.limit_sum) /
         static_cast<double>(std::max<std::uint64_t>(one.limits, 1));
}

constexpr std::string_view line_mark = "<path class=\"line\" d=\"M0 4.5H14\"/>";
constexpr std::string_view band_mark = "<rect class=\"band\" width=\"14\" height=\"9\" rx=\"2\"/>";
constexpr std::string_view trouble_mark =
    "<rect class=\"trouble\" width=\"14\" height=\"9\" rx=\"2\"/>";
constexpr std::string_view pause_mark =
    "<rect class=\"pause\" width=\"14\" height=\"9\" rx=\"2\"/>";

}  // namespace

double axis_step(double highest) {
  const double rough = std::max(highest, 1.0) / 4;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return std::max(factor * power, 1.0);
  }
  return std::max(10 * power, 1.0);
}

std::chrono::milliseconds time_step(std::chrono::milliseconds whole) {
  using namespace std::chrono_literals;
  for (const milliseconds step : {1ms,
                                  2ms,
                                  5ms,
                                  10ms,
                                  20ms,
                                  50ms,
                                  100ms,
                                  200ms,
                                  500ms,
                                  1000ms,
                                  2000ms,
                                  5000ms,
                                  10000ms,
                                  15000ms,
                                  30000ms,
                                  milliseconds(1min),
                                  milliseconds(2min),
                                  milliseconds(5min),
                                  milliseconds(10min),
                                  milliseconds(15min),
                                  milliseconds(30min),
                                  milliseconds(1h),
                                  milliseconds(2h),
                                  milliseconds(3h),
                                  milliseconds(6h),
                                  milliseconds(12h)}) {
    if (whole <= 6 * step) return step;
  }
  auto step = milliseconds(24h);
  while (whole / 6 > step)
    step *= 2;
  return step;
}

std::string verdict_bar(const tally& whole) {
  const auto segment = [](std::string_view name, double x, double width, std::string_view title) {
    return "<rect class=\"" + std::string(name) + "\" x=\"" + percent(x) + "\" y=\"-2\" width=\"" +
           percent(width) + "\" height=\"20\"><title>" + std::string(title) + "</title></rect>";
  };
  if (whole.total() == 0) return {};
  constexpr double least = 0.012;  // so that one of a million is seen
  std::array<double, verdict_count> parts{};
  double sum = 0;
  for (std::size_t index = 0; index < verdict_count; ++index) {
    const auto count = whole.count(static_cast<verdict>(index));
    if (count == 0) continue;
    parts[index] = std::max(static_cast<double>(count) / static_cast<double>(whole.total()), least);
    sum += parts[index];
  }
  std::string drawn;
  std::string words;
  double x = 0;
  for (std::size_t index = 0; index < verdict_count; ++index) {
    if (parts[index] == 0) continue;
    const auto value = static_cast<verdict>(index);
    const std::string name(to_string(value));
    const std::string title = grouped(whole.count(value)) + ' ' + name + ", " +
                              share_of(whole.count(value), whole.total());
    if (!words.empty()) words += "; ";
    words += title;
    drawn += segment(name, x, parts[index] / sum, title);
    x += parts[index] / sum;
  }
  return "<svg class=\"share\" role=\"img\" aria-label=\"" + words + "\">" + drawn + "</svg>\n";
}

std::string latency_chart(const tally& whole) {
  const auto& latencies = whole.latencies();
  if (latencies.count() == 0) return without_plot("Time per lookup", "No lookup was made.");
  const bins used = used_bins(whole.latency_shape());
  const vertical_axis axis(static_cast<double>(used.highest));
  const frame around = frame_of(axis, 72);
  const std::string readout = "How many lookups took how long. Half of them took up to " +
                              spoken(latencies.within(0.5)) + ", 99 % up to " +
                              spoken(latencies.within(0.99)) + ", and the longest " +
                              spoken(latencies.longest()) + '.';
  return figure("Time per lookup", readout, around,
                latency_bars(whole, used, axis, around) + latency_ticks(used, around.height()) +
                    latency_marks(latencies, used, around),
                "");
}

std::string throughput_chart(const timeline::picture& times) {
  constexpr std::string_view title = "Throughput";
  if (times.stretches.empty()) return without_plot(title, "No row has a time.");
  const auto rate = [&times](const timeline::stretch& all, std::size_t at, std::uint64_t count) {
    return static_cast<double>(count) / seconds_of(all, at, times.width);
  };
  double highest = 0;
  std::uint64_t problems = 0;
  for (const auto& stretch : times.stretches) {
    for (std::size_t at = 0; at < stretch.slices.size(); ++at) {
      highest = std::max(highest, rate(stretch, at, stretch.slices[at].finished));
      problems += stretch.slices[at].problems;
    }
  }
  const vertical_axis axis(highest);
  const frame around = frame_of(axis, 10);
  const horizontal_axis across(times);
  std::string lines;
  std::string areas;
  std::string trouble;
  for (std::size_t index = 0; index < times.stretches.size(); ++index) {
    const auto& all = times.stretches[index];
    const auto finished = [&](std::size_t at) {
      return axis.at(rate(all, at, all.slices[at].finished));
    };
    const auto bad = [&](std::size_t at) {
      return axis.at(rate(all, at, all.slices[at].problems));
    };
    lines += stepped(across, index, all.slices.size(), finished);
    areas += filled(across, index, all.slices.size(), finished);
    if (problems != 0) trouble += filled(across, index, all.slices.size(), bad);
  }
  const auto words = [&](const timeline::stretch& all, std::size_t at) {
    std::string out = brief(rate(all, at, all.slices[at].finished)) + " a second";
    if (const auto count = all.slices[at].problems; count != 0) {
      out += ", " + grouped(count) + (count == 1 ? " problem" : " problems");
    }
    return out;
  };
  std::string key = key_entry(line_mark, "finished");
  if (problems != 0) key += key_entry(trouble_mark, "with a problem");
  if (times.stretches.size() > 1) key += key_entry(pause_mark, "paused");
  return figure(
      title,
      "Uploads a second, since the start of the run. At most " + brief(highest) +
          " in a slice of " + spoken(times.width) + '.',
      around,
      pauses(times, across, around) +
          scaled(around, path("under", areas) + path("trouble", trouble) + path("line", lines)) +
          across.ticks(around.height()) + covers(times, across, around, words),
      key);
}

std::string limit_chart(const timeline::picture& times) {
  constexpr std::string_view title = "Concurrency limit";
  std::size_t low = 0;
  std::size_t high = 0;
  for (const auto& stretch : times.stretches) {
    for (const auto& one : stretch.slices) {
      if (one.limits == 0) continue;
      low = low == 0 ? one.limit_low : std::min(low, one.limit_low);
      high = std::max(high, one.limit_high);
    }
  }
  if (high == 0) return without_plot(title, "The journal does not know the limit.");
  const vertical_axis axis(static_cast<double>(high));
  const frame around = frame_of(axis, 10);
  const horizontal_axis across(times);
  std::string lines;
  std::string bands;
  for (std::size_t index = 0; index < times.stretches.size(); ++index) {
    // Where nothing finished the limit is what it was.
    std::vector<slice> known = times.stretches[index].slices;
    const auto first =
        std::find_if(known.begin(), known.end(), [](const slice& one) { return one.limits != 0; });
    if (first == known.end()) continue;
    slice last = *first;
    for (auto& one : known) {
      if (one.limits == 0) one = last;
      last = one;
    }
    const auto part = [&](double value) { return axis.at(value); };
    lines += stepped(across, index, known.size(),
                     [&](std::size_t at) { return part(mean_limit(known[at])); });
    const auto bottom = [&](std::size_t at) {
      return part(static_cast<double>(known[at].limit_low));
    };
    const auto top = [&](std::size_t at) {
      return part(static_cast<double>(known[at].limit_high));
    };
    // To the right along the upper edge, and back along the lower one.
    bands += stepped(across, index, known.size(), top);
    for (std::size_t at = known.size(); at-- > 0;) {
      bands += 'V' + number(plot_height * bottom(at)) + 'H' +
               number(scale * across.at(index, static_cast<double>(at)));
    }
    bands += 'Z';
  }
  const auto words = [](const timeline::stretch& all, std::size_t at) -> std::string {
    const slice& one = all.slices[at];
    if (one.limits == 0) return "nothing finished";
    if (one.limit_low == one.limit_high) return "at most " + grouped(one.limit_low) + " in flight";
    return "at most " + brief(mean_limit(one)) + " in flight (" + grouped(one.limit_low) + " to " +
           grouped(one.limit_high) + ')';
  };
  return figure(title,
                "How many attempts the client allowed itself at a time, between " + grouped(low) +
                    " and " + grouped(high) + '.',
                around,
                pauses(times, across, around) +
                    scaled(around, path("band", bands) + path("line", lines)) +
                    across.ticks(around.height()) + covers(times, across, around, words),
                key_entry(line_mark, "average") + key_entry(band_mark, "lowest to highest") +
                    (times.stretches.size() > 1 ? key_entry(pause_mark, "paused") : ""));
}

std::string retries_chart(const tally& whole) {
  constexpr std::string_view title = "Retries by cause";
  const auto retries = whole.retries();
  if (retries.empty()) return without_plot(title, "No attempt was made again.");
  constexpr std::size_t shown = 8;
  std::uint64_t sum = 0;
  std::uint64_t rest = 0;
  for (std::size_t at = 0; at < retries.size(); ++at) {
    sum += retries[at].count;
    if (at >= shown) rest += retries[at].count;
  }
  const auto row = [&](const std::string& cause, std::uint64_t count) {
    const double part =
        static_cast<double>(count) / static_cast<double>(std::max(retries.front().count, rest));
    return "<tr><th scope=\"row\" class=\"code\">" + markup(cause) +
           "</th><td><svg aria-hidden=\"true\"><rect class=\"bar\" rx=\"2\" width=\"" +
           percent(std::max(part, 0.004)) + "\" height=\"12\"/></svg></td><td>" + grouped(count) +
           "</td></tr>\n";
  };
  std::string rows;
  for (std::size_t at = 0; at < std::min(shown, retries.size()); ++at)
    rows += row(retries[at].code, retries[at].count);
  if (rest != 0) rows += row("all others", rest);
  return "<figure><figcaption><h3>" + std::string(title) + "</h3><p class=\"readout\">" +
         grouped(sum) + (sum == 1 ? " attempt" : " attempts") + " failed and " +
         (sum == 1 ? "was" : "were") +
         " made again.</p></figcaption>\n<table class=\"bars\"><tbody>\n" + rows +
         "</tbody></table></figure>\n";
}

}  // namespace binarly::tools
