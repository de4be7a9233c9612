"""Samples of exports, as shops of several countries and programs write them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OWN_STORE = ROOT / "examples" / "own_store" / "bestellungen_2024-03-31.csv"
SHIPPED = [OWN_STORE, *sorted((ROOT / "examples" / "online_retail" / "sample-week").glob("*.csv"))]

TEXTS = {
    "jaffle_orders.csv": "id,user_id,order_date,status\n1,1,2018-01-01,returned\n",
    "jaffle_customers.csv": "id,first_name,last_name\n1,Ann,B.\n",
    "jaffle_payments.csv": "id,order_id,payment_method,amount\n1,1,credit_card,1000\n",
    "cafe.csv": (
        "Transaction ID,Item,Quantity,Price Per Unit,Total Spent,Transaction Date\n"
        "T1,Coffee,2,2.0,4.0,2023-09-08\nT2,Cake,ERROR,3.0,,N/A\n"
    ),
    "superstore.csv": (
        "Order ID,Order Date,State,Region,Product ID,Product Name,Sales,Quantity,Discount\n"
        "CA-1,11/28/2018,Kentucky,South,FUR-1,Chair,80.00,3,0.2\n"
    ),
    "returns.csv": "Returned,Order ID\nYes,CA-1\n",
    "woo.csv": "ID,Type,SKU,Name,Regular price\n1,simple,A1,Shirt,20.5\n",
    "factures_20240301.csv": (
        "Facture;Date facture;Client;Référence;Désignation;Qté;Prix unitaire;TVA\n"
        "F1;01/03/2024;7;0012;Fromage;1,5;1.012,50;2,62\n"
    ),
    "pedidos.tsv": "Pedido\tFecha\tCantidad\tPrecio\n1\t2024-01-31 10:00:00\t1\t2.50\n",
    "refunds.csv": "refund_id,order_id,refund_date,amount\nR1,1,2024-01-05,-5.00\n",
    "select.csv": "Select,Order,2nd,2nd!,line number,É\nx,1,y,z,1,\n",
    "unknown.csv": "foo,bar\nx,y\n",
    "orders.jsonl": (
        '{"order": {"id": "A", "created_at": "2024-01-01T10:00:00Z"}, "qty": 1, "price": 2}\n'
    ),
}


def written(folder: Path, name: str) -> Path:
    """Writes a sample of ``TEXTS`` and returns it."""
    path = folder / name
    path.write_text(TEXTS[name], "utf-8")
    return path
