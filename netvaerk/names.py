"""Invented Danish names for demo and bulk data."""

FIRST_NAMES = (
    "Anne Mette Lise Karen Hanne Kirsten Susanne Charlotte Maria Camilla Louise Ida Sofie Freja Emma Signe Åse Zainab "
    "Fatima Aisha Peter Jens Lars Michael Henrik Søren Thomas Jan Christian Martin Anders Morten Jesper Niels Rasmus "
    "Mads Kasper Jonas Bjørn Kåre Øjvind Ali Mehmet Hassan"
).split()
LAST_NAMES = (
    "Nielsen Jensen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen Madsen "
    "Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Holm Lund Bæk Kjær Dahl Friis "
    "Ravn Nørgaard Skov Winther Åkjær Aagaard Østergaard Yilmaz Nowak"
).split()
