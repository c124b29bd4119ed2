# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: awk -f table.awk figures.tsv
#
# Puts the figures of both modules side by side, with what our module is meant to
# reach. Nothing fails here: a figure is no test.

BEGIN {
	FS = "\t"
	# of the in-tree module's
	items_share = 0.5
	addresses_share = 0.05
	copy_share = 0.5
	# of what it is with the smallest pool; so much is noise
	flat = 1.25
	memory_limit = 3072
	# KiB by which what does not grow differs
	noise = 64
	blocked_share = 0.33
	kill_limit = 100
	# of a bare socket's
	stream_share = 0.8
	# ms of a login, beside those of PAM
	login_limit = 50
	pss_limit = 3000
	# of what it is a file system with the fewest
	linear = 1.5
}

{
	key = $1 SUBSEP $3 SUBSEP $4 SUBSEP $5
	if (!(key in known)) {
		known[key] = 1
		kernels[++rows] = $1
		metrics[rows] = $3
		names[rows] = $4
		records[rows] = $5
	}
	figure[key, $2] = $6
	noisy += $3 == "turnaround" && $8 > 3 * $7
	second[key, $2] = $7
	third[key, $2] = $8
	forks[key, $2] = $10
}

function met(is)
{
	return is ? "met" : "NOT MET"
}

# The smallest pool is the first that was measured; 0 where it was not.
function growth(array, key, row,	first)
{
	first = kernels[row] SUBSEP metrics[row] SUBSEP names[row] SUBSEP 10
	return ((first, "ours") in array) ? array[key, "ours"] / array[first, "ours"] : 0
}

function items_target(key, row, ratio,	grown)
{
	if (records[row] == 200 && ratio != "")
		return sprintf("at most %.2f: %s", items_share, met(ratio <= items_share))
	if (records[row] == 10000 && (grown = growth(figure, key, row)))
		return sprintf("as with 10 records, %.2f times (%.2f): %s", grown,
			       growth(second, key, row), met(grown <= flat))
	return ""
}

function line(what, n, theirs, ours, ratio, target)
{
	printf "%-26s %7s %10s %10s %15s  %s\n", what, n, theirs, ours, ratio, target
}

function both(key)
{
	return ((key, "ours") in figure) && ((key, "in-tree") in figure)
}

function value(array, key, module)
{
	return ((key, module) in array) ? array[key, module] : "-"
}

# Of the medians, and of what the tenth that took least were below: on a machine that
# has other work, too, that says more.
function ratios(key)
{
	return sprintf("%.3f (%.3f)", figure[key, "ours"] / figure[key, "in-tree"],
		       second[key, "ours"] / second[key, "in-tree"])
}

function turnaround(key, row,	ratio, target)
{
	ratio = both(key) ? figure[key, "ours"] / figure[key, "in-tree"] : ""
	if (names[row] == "kvp get-ip")
		target = sprintf("at most %.2f: %s", addresses_share, met(ratio <= addresses_share))
	else if (names[row] == "fcopy piece" && ratio != "")
		target = sprintf("at most %.2f: %s", copy_share, met(ratio <= copy_share))
	else if (names[row] ~ /^kvp/)
		target = items_target(key, row, ratio)
	line(names[row] ", us", records[row] ? records[row] : "", value(figure, key, "in-tree"),
	     value(figure, key, "ours"), ratio == "" ? "-" : ratios(key), target)
	if (names[row] == "kvp get-ip")
		line("  processes", "", value(forks, key, "in-tree"), value(forks, key, "ours"), "",
		     "none: " met(forks[key, "ours"] == 0))
}

function memory(key)
{
	line("daemon resident, KiB", "", value(figure, key, "in-tree"), value(figure, key, "ours"), "",
	     "under " memory_limit ": " met(figure[key, "ours"] < memory_limit))
	line("  of that its own", "", value(second, key, "in-tree"), value(second, key, "ours"), "", "")
	line("  of files", "", value(third, key, "in-tree"), value(third, key, "ours"), "", "")
}

function cpu(key,	ratio)
{
	ratio = both(key) ? figure[key, "ours"] / figure[key, "in-tree"] : ""
	line("fcopy, processor ms per MB", "", value(figure, key, "in-tree"), value(figure, key, "ours"),
	     ratio == "" ? "-" : sprintf("%.3f", ratio),
	     sprintf("at most %.2f: %s", copy_share, ratio == "" ? "-" : met(ratio <= copy_share)))
}

# A KiB for each MiB would be no growth yet: in any kernel so much comes and goes.
function large(key, row)
{
	line("fcopy, MiB: daemon grew, KiB", records[row], "-", value(figure, key, "ours"), "-",
	     "not at all: " met(figure[key, "ours"] <= noise))
	line("  the kernel, KiB", records[row], "-", value(second, key, "ours"), "-",
	     "not at all: " met(second[key, "ours"] <= records[row]))
	line("  took, s", records[row], "-", value(third, key, "ours"), "-", "")
}

function wakeups(key)
{
	line("daemon idle, wake-ups", "", value(figure, key, "in-tree"), value(figure, key, "ours"), "",
	     "none in " second[key, "ours"] " s: " met(figure[key, "ours"] == 0))
}

function blocked(key, row,	ratio)
{
	ratio = both(key) ? figure[key, "ours"] / figure[key, "in-tree"] : ""
	line(names[row], records[row], value(figure, key, "in-tree"), value(figure, key, "ours"),
	     ratio == "" ? "-" : ratios(key),
	     ratio == "" ? "" : sprintf("at most %.2f: %s", blocked_share, met(ratio <= blocked_share)))
}

function killed(key, row)
{
	line(names[row], records[row], "-", value(figure, key, "ours"), "-",
	     "at most " kill_limit ": " met(figure[key, "ours"] <= kill_limit))
}

# Beside it is the bare socket, and beside the login PAM.
function stream(key,	ratio)
{
	ratio = figure[key, "ours"] / second[key, "ours"]
	line("psdirect stream, kB/s", "", "socket " second[key, "ours"], value(figure, key, "ours"),
	     sprintf("%.3f", ratio), sprintf("at least %.2f: %s", stream_share, met(ratio >= stream_share)))
}

function login(key,	own)
{
	own = figure[key, "ours"] - second[key, "ours"]
	line("psdirect login, ms", "", "PAM " second[key, "ours"], value(figure, key, "ours"), "-",
	     sprintf("without PAM %.1f, under %d: %s", own, login_limit, met(own < login_limit)))
}

function pss(key)
{
	line("psdirect idle, KiB (Pss)", "", "-", value(figure, key, "ours"), "-",
	     "under " pss_limit ": " met(figure[key, "ours"] < pss_limit))
}

function freezing(key, row,	first, each)
{
	first = kernels[row] SUBSEP metrics[row] SUBSEP names[row] SUBSEP 25
	each = figure[first, "ours"] / 25
	line(names[row], records[row], "-", value(figure, key, "ours"), "-",
	     records[row] == 25 || !each ? "" : sprintf("grows as they do, %.2f times: %s",
		figure[key, "ours"] / records[row] / each,
		met(figure[key, "ours"] / records[row] / each <= linear)))
}

function row_print(row,	key)
{
	key = kernels[row] SUBSEP metrics[row] SUBSEP names[row] SUBSEP records[row]
	if (metrics[row] == "turnaround")
		turnaround(key, row)
	else if (metrics[row] == "memory")
		memory(key)
	else if (metrics[row] == "blocked")
		blocked(key, row)
	else if (metrics[row] == "kill")
		killed(key, row)
	else if (metrics[row] == "freeze")
		freezing(key, row)
	else if (metrics[row] == "stream")
		stream(key)
	else if (metrics[row] == "login")
		login(key)
	else if (metrics[row] == "pss")
		pss(key)
	else if (metrics[row] == "cpu")
		cpu(key)
	else if (metrics[row] == "large")
		large(key, row)
	else
		wakeups(key)
}

# What only our module does comes last among the figures, but belongs to its like.
function kernel_print(kernel,	row, process)
{
	printf "Linux %s\n", kernel
	line("", "RECORDS", "IN-TREE", "OURS", "RATIO (LEAST)", "TARGET OF OURS")
	for (process = 0; process < 2; process++)
		for (row = 1; row <= rows; row++)
			if (kernels[row] == kernel && (metrics[row] != "turnaround") == process)
				row_print(row)
	print ""
}

END {
	for (row = 1; row <= rows; row++)
		if (!printed[kernels[row]]++)
			kernel_print(kernels[row])
	if (noisy)
		printf "%d medians are of samples that differ by more than three times: " \
			"the machine had other work to do\n", noisy
}
