"""Writing counts as a workbook of one sheet (Office Open XML), all its cells at once.

Texts stand in the cells themselves, days are numbers in the format of days, as spreadsheets keep
them. Nothing is compressed and nothing is dated: equal tables are equal bytes on every machine.
"""

from string import ascii_uppercase
from typing import IO
from zipfile import ZipFile, ZipInfo

import polars as pl

FIRST_DAY = pl.date(1899, 12, 30)  # day 0 of a spreadsheet
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/>'
        "</Types>"
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Counts" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}


def write_workbook(rows: pl.DataFrame, target: IO[bytes]) -> None:
    """Writes a table under its column names into a workbook.

    Args:
        rows: Up to 26 columns of texts, numbers or days; nulls are empty cells.
        target: The file, open.
    """
    header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in rows.columns)
    cells = [_cell(name, kind) for name, kind in rows.schema.items()]
    lines = rows.select(pl.concat_str(pl.lit("<row>"), *cells, pl.lit("</row>"))).to_series()
    body = f"<row>{header}</row>\n" + "\n".join(lines.to_list())
    last = f"{ascii_uppercase[rows.width - 1]}{rows.height + 1}"
    size = f'<dimension ref="A1:{last}"/>'  # without it a reader reads all to learn of it
    data = f'<worksheet xmlns="{MAIN}">{size}<sheetData>{body}</sheetData></worksheet>'
    parts = PARTS | {"xl/worksheets/sheet1.xml": data}
    with ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), XML + content)


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    """Returns the cells of a column as XML; they follow each other, so an empty one stands too."""
    value = pl.col(name)
    if kind == pl.String:
        for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            value = value.str.replace_all(sign, escaped, literal=True)
        cell = pl.concat_str(pl.lit('<c t="inlineStr"><is><t>'), value, pl.lit("</t></is></c>"))
    elif kind == pl.Date:
        number = (value - FIRST_DAY).dt.total_days().cast(pl.String)
        cell = pl.concat_str(pl.lit('<c s="1"><v>'), number, pl.lit("</v></c>"))
    else:
        cell = pl.concat_str(pl.lit("<c><v>"), value.cast(pl.String), pl.lit("</v></c>"))
    return cell.fill_null("<c/>")
