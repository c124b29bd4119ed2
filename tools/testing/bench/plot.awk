# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: awk -v kernel=SERIES -f plot.awk figures.tsv >FILE.svg
#
# Draws what an operation on an item costs with pools of different sizes, both axes
# logarithmic: the in-tree module's dashed, ours in full lines.

BEGIN {
	FS = "\t"
	width = 640
	height = 420
	left = 70
	right = 150
	top = 40
	bottom = 50
	split("#0072b2 #d55e00 #009e73 #cc79a7", colours, " ")
}

function log10(x)
{
	return log(x) / log(10)
}

function x(n)
{
	return left + (width - left - right) * (log10(n) - x_from) / (x_to - x_from)
}

function y(us)
{
	return height - bottom - (height - top - bottom) * (log10(us) - y_from) / (y_to - y_from)
}

function text(at_x, at_y, anchor, words)
{
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", at_x, at_y, anchor, words
}

function rule(x1, y1, x2, y2, style)
{
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style
}

function stroke(what, module)
{
	return sprintf("stroke=\"%s\" stroke-width=\"2\"%s", colours[colour[what]],
		       module == "ours" ? "" : " stroke-dasharray=\"6 4\"")
}

function us_text(us)
{
	return us < 1000 ? us " us" : us < 1000000 ? us / 1000 " ms" : us / 1000000 " s"
}

$1 == kernel && $3 == "turnaround" && $5 > 0 && $6 > 0 {
	if (!($4 in colour)) {
		colour[$4] = ++operations
		name[operations] = $4
	}
	points[$4, $2] = points[$4, $2] " " $5 ":" $6
	if (!least || $6 < least)
		least = $6
	if ($6 > most)
		most = $6
	if (!(first) || $5 < first)
		first = $5
	if ($5 > last)
		last = $5
}

function axes(	decade)
{
	for (decade = y_from; decade <= y_to; decade++) {
		rule(left, y(10 ^ decade), width - right, y(10 ^ decade), "stroke=\"#ddd\"")
		text(left - 6, y(10 ^ decade) + 4, "end", us_text(10 ^ decade))
	}
	for (decade = x_from; decade <= x_to; decade++)
		text(x(10 ^ decade), height - bottom + 18, "middle", 10 ^ decade)
	text((left + width - right) / 2, height - 10, "middle", "records in the pool")
	text(left, 22, "start", "Turnaround in the guest, Linux " kernel)
}

function curve(what, module,	n, i, at)
{
	n = split(points[what, module], list, " ")
	printf "<polyline fill=\"none\" %s points=\"", stroke(what, module)
	for (i = 1; i <= n; i++) {
		split(list[i], at, ":")
		printf "%.1f,%.1f ", x(at[1]), y(at[2])
	}
	print "\"/>"
}

function legend(what, module, row,	at)
{
	at = top + 18 * row
	rule(width - right + 8, at - 4, width - right + 32, at - 4, stroke(what, module))
	text(width - right + 38, at, "start", substr(what, 5) ", " module)
}

END {
	if (!operations || first == last) {
		print "plot.awk: no figures of kernel " kernel " to draw" >"/dev/stderr"
		exit 1
	}
	x_from = int(log10(first) + 0.001)
	x_to = log10(last)
	y_from = int(log10(least))
	y_to = int(log10(most)) + 1
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" " \
		"font-family=\"sans-serif\" font-size=\"12\">\n", width, height
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	axes()
	for (i = 1; i <= operations; i++) {
		for (j = 1; j <= 2; j++) {
			module = j == 1 ? "in-tree" : "ours"
			if (!((name[i], module) in points))
				continue
			curve(name[i], module)
			legend(name[i], module, ++legends)
		}
	}
	print "</svg>"
}
