"""A site kept as Delta tables: brought up to date by `wiki.sync`, read by pandas, DuckDB, Polars, Spark and Dask."""
