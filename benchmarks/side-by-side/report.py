"""rows.jsonl -> results.md and results.svg: medians with the lowest and highest of the runs that are warm."""

import argparse
import html
import json
import pathlib
import statistics

GB = 1e9


class Cell:
    def __init__(self, name, rows):
        self.name = name
        self.rows = rows
        self.raw = rows[0]["raw_bytes"]
        self.ratio = statistics.median(row["stored_bytes"] for row in rows) / self.raw

    def speeds(self, key):
        return sorted(self.raw / GB / row[key] for row in self.rows)

    def speed(self, key):
        return statistics.median(self.speeds(key))

    def told(self, key):
        speeds = self.speeds(key)
        return f"{statistics.median(speeds):.2f} ({speeds[0]:.2f}–{speeds[-1]:.2f})"

    def cpu(self, key):
        return statistics.median(row[key] for row in self.rows) / (self.raw / GB)

    def line(self):
        peak = max(row["peak_bytes"] for row in self.rows) / 2**20
        return (
            f"| {self.name} | {self.told('save_seconds')} | {self.ratio:.3f} | {self.told('load_seconds')} "
            f"| {self.cpu('save_cpu_seconds'):.2f} | {self.cpu('load_cpu_seconds'):.2f} | {peak:.0f} |"
        )


def cells(rows):
    by_input = {}
    for row in rows:
        if row.get("warm"):
            by_input.setdefault(row["input"], {}).setdefault(row["system"], []).append(row)
    return {name: [Cell(*item) for item in systems.items()] for name, systems in by_input.items()}


def table(name, measured):
    lines = [
        f"### {name}",
        "",
        "| system | save GB/s | stored | load GB/s | save CPU s/GB | load CPU s/GB | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [cell.line() for cell in sorted(measured, key=lambda cell: -cell.speed("save_seconds"))]
    return "\n".join(lines) + "\n" + ahead(measured)


def ahead(measured):
    """Where somebody stores at most as much and saves, or loads, faster than the default codec here."""
    ours = next((cell for cell in measured if cell.name == "moorage auto"), None)
    if ours is None:
        return ""
    peers = [cell for cell in measured if not cell.name.startswith("moorage")]
    saves = [cell.name for cell in peers if cell.ratio <= ours.ratio + 0.005 and cell.speed("save_seconds") > ours.speed("save_seconds")]
    loads = [cell.name for cell in peers if cell.speed("load_seconds") > ours.speed("load_seconds")]
    return (
        f"\nFaster than `moorage auto` at equal or smaller size: {', '.join(saves) or 'none'}. "
        f"Faster to load: {', '.join(loads) or 'none'}. Of the peers, s3dlio compares a CRC32C and the zstd program an XXH64; the others compare nothing.\n"
    )


def picture(groups):
    """One panel an input: stored size to the right is worse, save speed upwards is better."""
    width, height, gap = 330, 250, 40
    panels = []
    for index, (name, measured) in enumerate(groups.items()):
        left, top = gap + index % 3 * (width + gap), gap + index // 3 * (height + gap)
        fastest = max(cell.speed("save_seconds") for cell in measured) * 1.1
        panels.append(f'<g transform="translate({left},{top})"><text y="-8" font-weight="bold">{html.escape(name)}</text>')
        panels.append(f'<rect width="{width}" height="{height}" fill="none" stroke="#999"/>')
        panels.append(f'<text x="{width}" y="{height + 15}" text-anchor="end">stored size: 0 to 1.1 of raw</text>')
        panels.append(f'<text x="4" y="14">{fastest:.1f} GB/s</text>')
        for cell in measured:
            x, y = min(1, cell.ratio / 1.1) * width, height * (1 - cell.speed("save_seconds") / fastest)
            ours = cell.name.startswith("moorage")
            anchor, shift = ("end", -6) if x > width / 2 else ("start", 6)
            panels.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{"#c2410c" if ours else "#64748b"}"/>')
            panels.append(f'<text x="{x + shift:.0f}" y="{y + 4:.0f}" text-anchor="{anchor}">{html.escape(cell.name)}</text>')
        panels.append("</g>")
    rows = -(-len(groups) // 3)
    size = f'width="{3 * (width + gap) + gap}" height="{rows * (height + gap) + gap}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">' + "".join(panels) + "</svg>\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    groups = cells(rows)
    wrong = [row for row in rows if row.get("same") is False]
    errors = [f"- {row['system']} on {row['input']}: {row['error']}" for row in rows if "error" in row]
    text = (folder / "head.md").read_text() + "\n".join(table(name, measured) for name, measured in groups.items())
    if wrong or errors:
        text += "\n### What did not work\n\n" + "\n".join(errors)
        text += "".join(f"\n- {row['system']} on {row['input']}: came back with other bytes" for row in wrong) + "\n"
    (folder / "results.md").write_text(text)
    (folder / "results.svg").write_text(picture(groups))
    print(text)


if __name__ == "__main__":
    main()
