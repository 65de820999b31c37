"""What is printed, packed and shipped: parcels, their facts, holds and waybills."""
